interface ForeignImagesDeps {
  readonly ask: (reference: string) => Promise<boolean>;
  /** Another one is known now. */
  readonly changed: () => void;
  readonly retryMs: number;
  readonly signal: AbortSignal;
}

/**
 * Two projects of one cluster may have images of the same name: the files of one must not get into the containers of the other. As long
 * as it is not known whose an image is, it counts as foreign.
 */
export function createForeignImages({ ask, changed, retryMs, signal }: ForeignImagesDeps): {
  isForeign(reference: string): boolean;
} {
  const known = new Map<string, boolean>();
  const asking = new Set<string>();

  async function find(reference: string): Promise<void> {
    try {
      known.set(reference, await ask(reference));
      asking.delete(reference);
      if (!signal.aborted) changed();
    } catch {
      // whoever wants to know it by then asks again
      setTimeout(() => {
        asking.delete(reference);
        if (!signal.aborted) changed();
      }, retryMs).unref();
    }
  }

  return {
    isForeign(reference) {
      const answer = known.get(reference);
      if (answer === undefined && !asking.has(reference) && !signal.aborted) {
        asking.add(reference);
        void find(reference);
      }
      return answer ?? true;
    },
  };
}

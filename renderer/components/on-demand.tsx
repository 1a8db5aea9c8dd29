import { useEffect, useState, type ComponentType, type ReactNode } from 'react';

/** A part of the window whose code is fetched when it is first drawn, or ahead of that. */
export interface OnDemand<P> {
  (props: P): ReactNode;
  /** Fetches the code now, so that it stands at once when it is asked for. */
  ahead(): Promise<void>;
}

/**
 * As React's `lazy`, without its wait: once a Suspense boundary has shown its fallback, React holds back what comes after it until
 * 300 ms have gone by, even where the code was there all along. Code that is known is drawn at once here, and code that comes
 * is drawn when it has come. Where it can't be fetched the next drawing tries again.
 */
export function onDemand<P extends object>(
  load: () => Promise<ComponentType<P>>,
  waiting: ReactNode = null,
): OnDemand<P> {
  let known: ComponentType<P> | null = null;
  let coming: Promise<void> | null = null;
  const read = async (): Promise<void> => {
    try {
      const loaded = await load();
      known = loaded;
    } catch (thrown) {
      coming = null;
      throw thrown;
    }
  };
  const fetch = (): Promise<void> => (coming ??= read());
  function Part(props: P): ReactNode {
    const [Known, setKnown] = useState(() => known);
    const [failure, setFailure] = useState<{ readonly thrown: unknown } | null>(null);
    useEffect(() => {
      if (Known !== null) return undefined;
      let stands = true;
      fetch().then(
        () => stands && setKnown(() => known),
        (thrown: unknown) => stands && setFailure({ thrown }),
      );
      return () => {
        stands = false;
      };
    }, [Known]);
    // the boundary above says so
    if (failure !== null) throw failure.thrown;
    return Known === null ? waiting : <Known {...props} />;
  }
  return Object.assign(Part, { ahead: fetch });
}

import type { ContainerBook } from './container-book.ts';

interface RunningReferencesDeps {
  readonly containers: ContainerBook;
  /** Whether an image of this reference is another project's. */
  readonly isForeign: (reference: string) => boolean;
}

/** The references of the images that run. */
export function createRunningReferences({ containers, isForeign }: RunningReferencesDeps) {
  /** As they were when they were last asked for. */
  let known = '';

  /** Those of an image's containers, of the newest pods first. */
  function of(image: string): readonly string[] {
    const mine = containers
      .all()
      .filter(({ found }) => found.image === image && !isForeign(found.reference))
      .sort((a, b) => (a.found.createdAt < b.found.createdAt ? 1 : -1));
    return [...new Set(mine.map(({ found }) => found.reference))];
  }

  return {
    of,
    /** Whether others run than when this was last asked. */
    areOthers(): boolean {
      const names = [...new Set(containers.all().map(({ found }) => found.image))].sort();
      const now = JSON.stringify(names.map(of));
      const before = known;
      known = now;
      return now !== before;
    },
    forget() {
      known = '';
    },
  };
}

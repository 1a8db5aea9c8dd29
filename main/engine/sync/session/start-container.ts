import { join, resolve } from 'node:path';
import type { Cluster } from '../../cluster/index.ts';
import type { Project } from '../../project/index.ts';
import type { FolderWatch } from '../folder/types.ts';
import type { ContainerAddress, Tree } from '../types.ts';
import type { Running } from './container-book.ts';
import { createContainerSync } from './container-sync.ts';
import type { SessionClock, SessionDeps } from './deps.ts';
import type { Feed } from './feed.ts';
import { createFileBytes } from './file-bytes.ts';
import { forgetOldJournals, openJournal } from './journal.ts';
import type { FoundContainer } from './pods.ts';

interface StartDeps {
  readonly deps: SessionDeps;
  readonly clock: SessionClock;
  readonly project: () => Project | null;
  readonly folder: () => FolderWatch | null;
  /** Why nothing is sent now. */
  readonly held: () => string | null;
  readonly feed: Feed;
  readonly changed: () => void;
}

/** Begins the sync of one container after the other; what they can share of a project they do. */
export function createStart({ deps, clock, project, folder, held, feed, changed }: StartDeps) {
  const bytes = createFileBytes();
  const baselines = new Map<string, Promise<Tree | null>>();
  let tidied = false;

  /** Of the image that a reference names; asked again where it was not to be had. */
  async function baselineOf({ image, reference }: FoundContainer): Promise<Tree | null> {
    const of = project();
    if (!of) return null;
    const asked = baselines.get(reference) ?? deps.baseline(of, image, reference).catch(() => null);
    baselines.set(reference, asked);
    const tree = await asked;
    if (tree === null) baselines.delete(reference);
    return tree;
  }

  function contextOf(image: string): string {
    const match = project()?.dockerfiles.find(({ name }) => name === image);
    return resolve(project()?.root ?? '/', match?.context ?? '.');
  }

  return (found: FoundContainer, address: ContainerAddress, cluster: Cluster): Running => {
    const { image } = found;
    const sent = join(deps.folder, 'sent');
    if (!tidied) forgetOldJournals(sent);
    tidied = true;
    const journal = openJournal(sent, address.containerId);
    const sync = createContainerSync({
      found,
      address,
      open: deps.openChannel(cluster),
      baseline: () => baselineOf(found),
      desired: () => folder()?.trees().get(image),
      bytes,
      journal,
      afterSync: () => project()?.config.images[image]?.sync ?? [],
      held,
      root: () => project()?.root ?? '/',
      context: () => contextOf(image),
      rescan: async reason => folder()?.rescan(reason),
      feed: event => feed.add(event),
      changed,
      clock,
    });
    sync.kick();
    return { sync, journal };
  };
}

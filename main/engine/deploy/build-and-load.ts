import pLimit from 'p-limit';
import { PtahError, toPtahError } from '../errors/index.ts';
import type { DeployEffects } from './effects.ts';
import { isCancel, throwIfCancelled, type Steps } from './steps.ts';
import type { DeployEvent, PlannedImage, PlannedLoad } from './types.ts';
import type { World } from './world.ts';

/** Two builds at once: a build uses all cores by itself, but much of its time is waiting for the network. */
const buildsAtOnce = 2;

export interface Work {
  readonly world: World;
  readonly effects: DeployEffects;
  readonly signal: AbortSignal;
  readonly emit: (event: DeployEvent) => void;
}

/** The builds of a deploy: each as soon as the images that it is built on are there. */
export interface Builds {
  /** Resolves when this image is there; rejects when it or one below it failed. */
  of(name: string): Promise<void>;
  /** Settles when no build runs any more; rejects with the first failure. */
  readonly all: Promise<void>;
}

export function startBuilds(work: Work, images: readonly PlannedImage[]): Builds {
  const limit = pLimit(buildsAtOnce);
  const wanted = new Map(images.filter(({ action }) => action === 'build').map(image => [image.name, image]));
  const started = new Map<string, Promise<void>>();
  const failures: unknown[] = [];

  const start = (image: PlannedImage, above: readonly string[]): Promise<void> => {
    const running = started.get(image.name);
    if (running) return running;
    if (above.includes(image.name))
      return Promise.reject(
        new PtahError('image-cycle', `Images are built on each other: ${[...above, image.name].join(' → ')}`),
      );
    const bases = image.waitsFor.flatMap(name => wanted.get(name) ?? []);
    const build = Promise.all(bases.map(base => start(base, [...above, image.name]))).then(() =>
      limit(async () => {
        throwIfCancelled(work.signal);
        // what others need already runs to its end, but nothing new begins after a failure
        if (failures.length > 0) throw failures[0];
        try {
          await buildOne(work, image);
        } catch (error) {
          failures.push(error);
          throw error;
        }
      }),
    );
    build.catch(() => {});
    started.set(image.name, build);
    return build;
  };
  for (const image of wanted.values()) void start(image, []);
  const settle = async (): Promise<void> => {
    const outcomes = await Promise.allSettled(started.values());
    if (failures.length > 0) throw failures[0];
    const rejected = outcomes.find(outcome => outcome.status === 'rejected');
    if (rejected) throw rejected.reason;
  };
  const all = settle();
  all.catch(() => {});
  return { of: name => started.get(name) ?? Promise.resolve(), all };
}

async function buildOne({ world, effects, signal, emit }: Work, image: PlannedImage): Promise<void> {
  const { name, reference, reason } = image;
  const began = performance.now();
  emit({ type: 'build-started', image: name, reference, reason, at: new Date().toISOString() });
  const finish = (state: 'done' | 'failed' | 'cancelled', id: string | null, error: string | null) =>
    emit({
      type: 'build-finished',
      image: name,
      state,
      id,
      error,
      durationMs: Math.round(performance.now() - began),
      at: new Date().toISOString(),
    });
  try {
    const { id } = await effects.build(world, image, {
      signal,
      onEvent: event => emit({ type: 'build', image: name, event }),
    });
    finish('done', id, null);
  } catch (error) {
    if (isCancel(error, signal)) finish('cancelled', null, null);
    else finish('failed', null, toPtahError(error).message);
    throw error;
  }
}

/** Loads every image the moment it is there; `ready` is when the nodes may take it. */
export async function loadImages(
  work: Work,
  steps: Steps,
  loads: readonly PlannedLoad[],
  builds: Builds,
  ready: Promise<unknown>,
): Promise<void> {
  const references = [...new Set(loads.map(({ reference }) => reference))];
  // what has failed is told by its own step: here that image is only left out
  const available = references.map(async reference => {
    const image = loads.find(load => load.reference === reference)?.image ?? reference;
    await Promise.all([ready, builds.of(image)]);
    return reference;
  });
  const first = await Promise.any(available).catch(() => null);
  if (first === null) return steps.skip('load', 'There is nothing to load');
  await steps.run('load', loadMessage(loads), async say => {
    const outcomes = await Promise.allSettled(
      available.map(async reference => {
        const there = await reference.catch(() => null);
        if (there !== null)
          await loadOne(
            work,
            there,
            loads.filter(load => load.reference === there),
          );
        return there;
      }),
    );
    const failed = outcomes.find(outcome => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    const loaded = outcomes.filter(
      outcome => outcome.status === 'fulfilled' && outcome.value !== null,
    ).length;
    say(`Loaded ${loaded} of ${references.length} images`);
  });
}

async function loadOne(
  { effects, signal, emit }: Work,
  reference: string,
  loads: readonly PlannedLoad[],
): Promise<void> {
  throwIfCancelled(signal);
  const image = loads[0]?.image ?? reference;
  const sent = new Map<string, { sentBytes: number; totalBytes: number }>();
  const tell = (node: string, state: 'running' | 'done' | 'failed') =>
    emit({ type: 'load', image, node, sentBytes: 0, totalBytes: 0, ...sent.get(node), state });
  const nodes = loads.map(({ node }) => node);
  for (const node of nodes) tell(node, 'running');
  try {
    await effects.load(reference, nodes, {
      signal,
      onProgress({ node, sentBytes, totalBytes }) {
        sent.set(node, { sentBytes, totalBytes });
        tell(node, 'running');
      },
    });
  } catch (error) {
    for (const node of nodes) tell(node, 'failed');
    throw error;
  }
  for (const node of nodes) tell(node, 'done');
}

function loadMessage(loads: readonly PlannedLoad[]): string {
  const images = [...new Set(loads.map(({ image }) => image))];
  const nodes = new Set(loads.map(({ node }) => node)).size;
  return `Loading ${images.join(', ')} to ${nodes} node${nodes === 1 ? '' : 's'}`;
}

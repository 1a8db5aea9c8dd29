import type { BuildEvent, BuildResult } from '../images/index.ts';
import type { ObjectRef, ObjectsPlan } from '../manifests/index.ts';
import type { LoadProgress } from '../targets/index.ts';
import type { RolloutStatus } from '../workloads/index.ts';
import type { ObjectResult, PlannedImage } from './types.ts';
import type { World } from './world.ts';

/**
 * Everything that a deploy does to the world, one method each. `projectEffects` binds the rooms; tests bind fakes, so that
 * faults and cancels can be put at any point.
 */
export interface DeployEffects {
  gather(signal: AbortSignal): Promise<World>;
  /** Keeps engines on other machines from deploying the project until the function that it gives is called. */
  hold(signal: AbortSignal): Promise<() => Promise<void>>;
  createCluster(world: World, options: LineOptions): Promise<void>;
  deleteCluster(world: World, options: LineOptions): Promise<void>;
  build(
    world: World,
    image: PlannedImage,
    options: { readonly signal: AbortSignal; readonly onEvent: (event: BuildEvent) => void },
  ): Promise<BuildResult>;
  /** Writes the rewritten manifests to `build_output`, whole or not at all. */
  writeBuildOutput(world: World): Promise<void>;
  syncHelmfile(world: World, options: LineOptions): Promise<void>;
  /** Loads to the nodes that are there now and that the plan names. */
  load(
    reference: string,
    nodes: readonly string[],
    options: { readonly signal: AbortSignal; readonly onProgress: (progress: LoadProgress) => void },
  ): Promise<void>;
  /** Compares with the cluster afresh: after it was made, or a Helmfile has run. */
  planObjects(world: World, signal: AbortSignal): Promise<ObjectsPlan>;
  apply(
    plan: ObjectsPlan,
    options: {
      readonly signal: AbortSignal;
      readonly consent: readonly ObjectRef[];
      readonly beforeWorkloads: () => Promise<void>;
      readonly onResult: (result: ObjectResult) => void;
      readonly onWarning: (text: string) => void;
    },
  ): Promise<void>;
  awaitRollout(
    refs: readonly ObjectRef[],
    options: { readonly signal: AbortSignal; readonly onStatus: (status: RolloutStatus) => void },
  ): Promise<readonly RolloutStatus[]>;
  prune(
    plan: ObjectsPlan,
    refs: readonly ObjectRef[],
    options: { readonly signal: AbortSignal; readonly onResult: (result: ObjectResult) => void },
  ): Promise<void>;
}

interface LineOptions {
  readonly signal: AbortSignal;
  readonly onLine: (text: string) => void;
}

import type { z } from 'zod';
import * as activity from './activity.ts';
import * as app from './app.ts';
import * as cluster from './cluster.ts';
import * as dashboard from './dashboard.ts';
import * as deploy from './deploy.ts';
import * as imageDetails from './image-details.ts';
import * as imageRuns from './image-runs.ts';
import * as forwards from './forwards.ts';
import * as images from './images.ts';
import * as logs from './logs.ts';
import * as objects from './objects.ts';
import * as projects from './projects.ts';
import * as removal from './removal.ts';
import * as settings from './settings.ts';
import * as setup from './setup.ts';
import * as sync from './sync.ts';
import * as terminals from './terminals.ts';
import * as workloads from './workloads.ts';

/** The whole contract. A method that is not in it cannot be called; one in it without a handler fails a test. */
export const requests = {
  ...app.requests,
  ...settings.requests,
  ...setup.requests,
  ...projects.requests,
  ...images.requests,
  ...imageDetails.requests,
  ...imageRuns.requests,
  ...deploy.requests,
  ...workloads.requests,
  ...forwards.requests,
  ...dashboard.requests,
  ...objects.requests,
  ...logs.requests,
  ...terminals.requests,
  ...sync.requests,
  ...cluster.requests,
  ...removal.requests,
  ...activity.requests,
};
export const streams = {
  ...workloads.streams,
  ...forwards.streams,
  ...objects.streams,
  ...logs.streams,
  ...sync.streams,
  ...terminals.streams,
  ...activity.streams,
};
export const events = {
  ...app.events,
  ...settings.events,
  ...projects.events,
  ...activity.events,
  ...terminals.events,
  ...imageRuns.events,
};

export type Requests = typeof requests;
export type Streams = typeof streams;
export type Events = typeof events;
export type MethodName = keyof Requests;
export type StreamName = keyof Streams;
export type EventName = keyof Events;
export type MethodInput<M extends MethodName> = z.input<Requests[M]['in']>;
export type MethodOutput<M extends MethodName> = z.output<Requests[M]['out']>;
export type StreamInput<S extends StreamName> = z.input<Streams[S]['in']>;
export type StreamItem<S extends StreamName> = z.output<Streams[S]['item']>;
export type EventPayload<E extends EventName> = z.output<Events[E]['payload']>;

export type { PtahClient } from './client.ts';
export type { ClientMessage, ServerMessage } from './wire.ts';
export { clientMessage, serverMessage } from './wire.ts';
export { problem, wireError, sampleProblem } from './errors.ts';
export type { Problem, StoredError, WireError } from './errors.ts';
export type { AppInfo, MachineStatus } from './app.ts';
export type { Settings } from './settings.ts';
export type { CheckResult } from './setup.ts';
export type {
  FolderListing,
  OpenResult,
  ProjectDetail,
  ProjectProposal,
  ProjectSummary,
} from './projects.ts';
export type { BuildEvent, BuildStep, ImageDescription, ImageState } from './images.ts';
export type { DockerfileAdvice, HeldTag, ImageLayer, ImageLayers } from './image-details.ts';
export type { RunPlan, RunView } from './image-runs.ts';
export { imageDescription, sampleImage } from './images.ts';
export type {
  DeployConsent,
  DeployEvent,
  DeployResult,
  ObjectDiff,
  ObjectRef,
  ObjectResult,
  PastDeploy,
  Plan,
  RolloutStatus,
  StepName,
} from './deploy.ts';
export { deployEvent, plan, deployResult, sampleDeployEvents, samplePlan } from './deploy.ts';
export type {
  ContainerState,
  ContainerView,
  PodView,
  ServiceView,
  WorkloadView,
  WorkloadsSnapshot,
} from './workloads.ts';
export type {
  LogLevel,
  LogOptions,
  LogPattern,
  LogRow,
  LogScope,
  LogSource,
  LogStatus,
  LogView,
} from './logs.ts';
export type { ApiProxyView, ForwardOffer, ForwardTarget, ForwardView, ForwardsSnapshot } from './forwards.ts';
export type { DebugOffer, TerminalInfo, TerminalItem } from './terminals.ts';
export type { ClusterState } from './cluster.ts';
export type { RemovalGroup, RemovalGroupId, RemovalPlan } from './removal.ts';
export type {
  SwitchState,
  SyncContainer,
  SyncEvent,
  SyncImage,
  SyncScope,
  SyncSnapshot,
  SyncState,
  Verification,
} from './sync.ts';
export type { Job, JobEvent } from './activity.ts';

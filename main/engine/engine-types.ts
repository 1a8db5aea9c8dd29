import type { Job, JobEvent } from './activity/index.ts';
import type { DashboardPlace } from './dashboard/index.ts';
import type {
  DeployConsent,
  DeployEvent,
  DeployResult,
  ImageReason,
  ObjectDiff,
  Plan,
  PlannedCluster,
} from './deploy/index.ts';
import type { CheckResult } from './diagnostics/index.ts';
import type { Problem } from './errors/index.ts';
import type { LiveForwards } from './forwards/index.ts';
import type { Home } from './home/index.ts';
import type { ImagesByHand } from './composition/images-by-hand.ts';
import type { ImageDescription } from './images/index.ts';
import type {
  LogExport,
  LogLine,
  LogOptions,
  LogPiece,
  LogRows,
  LogSaved,
  LogScope,
  LogSearch,
  LogSearchResult,
  LogStatus,
  LogView,
} from './logs/index.ts';
import type { ObjectRef } from './manifests/index.ts';
import type { Project, ProposedEdit, ProjectProposal } from './project/index.ts';
import type { RemovalGroupId, RemovalPlan } from './removal/index.ts';
import type { Settings } from './settings/index.ts';
import type { Sync } from './sync/index.ts';
import type {
  DebugOffer,
  TerminalInfo,
  TerminalItem,
  TerminalPlace,
  TerminalSize,
} from './terminals/index.ts';
import type { ObjectsApi, WorkloadsDelta, WorkloadsSnapshot } from './workloads/index.ts';

/**
 * The engine as hosts see it. Every method takes one object and answers with one, in the shapes of the contract, so that
 * `main/api` binds them by name alone. (The engine does not import the contract: the types agree by structure.)
 */
export interface Engine {
  readonly home: Home;
  readonly app: { status(input?: object, signal?: AbortSignal): Promise<MachineStatus> };
  readonly settings: {
    get(input?: object): Promise<Settings>;
    update(input: { readonly patch: Partial<Settings> }): Promise<Settings>;
  };
  readonly setup: {
    list(input?: object): Promise<readonly CheckSummary[]>;
    check(input: { readonly id: string }, signal?: AbortSignal): Promise<CheckResult>;
    fix(input: { readonly checkId: string; readonly fixId: string }): Promise<JobStarted>;
  };
  readonly projects: {
    list(input?: object): Promise<readonly ProjectSummary[]>;
    get(input: { readonly id: string }): Promise<ProjectDetail>;
    open(input: { readonly path: string; readonly asNew?: boolean }): Promise<OpenResult>;
    accept(input: {
      readonly root: string;
      readonly configText: string;
      readonly edits: readonly ProposedEdit[];
    }): Promise<OpenResult>;
    remove(input: { readonly id: string }): Promise<Done>;
    locate(input: {
      readonly name: string;
      readonly entries: readonly string[];
    }): Promise<{ readonly candidates: readonly string[] }>;
    browse(input: { readonly path: string | null }): Promise<FolderListing>;
    /** The project of that id, read from disk now. For hosts that need more than the window does. */
    read(input: { readonly id: string }): Promise<Project>;
    /** For the terminal: opens the project at or above `dir` and gives its id, without asking about identities. `remember` lists it. */
    use(input: {
      readonly dir: string;
      readonly remember?: boolean;
    }): Promise<{ readonly id: string; readonly project: Project }>;
  };
  readonly images: {
    list(
      input: ProjectInput,
      signal?: AbortSignal,
    ): Promise<{ readonly images: readonly ImageState[]; readonly problems: readonly Problem[] }>;
    build(
      input: ProjectInput & { readonly names: readonly string[]; readonly force: boolean },
    ): Promise<JobStarted>;
  } & ImagesByHand;
  readonly deploy: {
    plan(input: ProjectInput, signal?: AbortSignal): Promise<Plan>;
    start(
      input: ProjectInput & { readonly fingerprint: string | null; readonly consent?: DeployConsent },
    ): Promise<JobStarted>;
    history(input: ProjectInput): Promise<readonly PastDeploy[]>;
  };
  readonly changes: {
    object(input: ProjectInput & { readonly ref: ObjectRef }, signal?: AbortSignal): Promise<ObjectDiff>;
  };
  readonly workloads: {
    openService(
      input: ProjectInput & { readonly namespace: string; readonly name: string; readonly port: number },
    ): Promise<{ readonly url: string }>;
    watch(
      input: ProjectInput & { readonly namespaces?: readonly string[] | undefined },
      signal: AbortSignal,
    ): AsyncIterable<WorkloadsSnapshot | WorkloadsDelta>;
  };
  /** Objects of the cluster in full, and changes by hand. */
  readonly objects: ObjectsApi;
  /** Ports of this machine that lead into pods. They belong to the engine, not to a window. */
  readonly forwards: Omit<LiveForwards, 'close'>;
  /** `ui` of `ptah.yml`. */
  readonly dashboard: {
    find(input: ProjectInput, signal?: AbortSignal): Promise<DashboardPlace>;
    open(
      input: ProjectInput & { readonly lasting: boolean },
      signal?: AbortSignal,
    ): Promise<{ readonly url: string; readonly token: string; readonly expiresAt: string }>;
    /** Writes the example's dashboard for this project's cluster as a project of its own, and gives its folder. */
    example(input: ProjectInput, signal?: AbortSignal): Promise<{ readonly root: string }>;
  };
  /** Live sync: containers kept equal to the folder. */
  readonly sync: Omit<Sync, 'close' | 'isOn'>;
  readonly logs: {
    watch(input: ProjectInput & { readonly view: LogView }, signal: AbortSignal): AsyncIterable<LogStatus>;
    lines(
      input: ProjectInput & {
        readonly view: LogView;
        readonly from: number | { readonly seq: number };
        readonly count: number;
      },
      signal?: AbortSignal,
    ): Promise<LogRows>;
    line(input: ProjectInput & { readonly seq: number; readonly offset: number }): Promise<LogLine>;
    search(input: ProjectInput & LogSearch, signal?: AbortSignal): Promise<LogSearchResult>;
    clear(input: ProjectInput & { readonly scope: LogScope }): Promise<Done>;
    options(input: ProjectInput): Promise<LogOptions>;
    setOptions(input: ProjectInput & { readonly options: LogOptions }): Promise<LogOptions>;
    export(input: ProjectInput & LogExport, signal: AbortSignal): AsyncIterable<LogPiece>;
    save(
      input: ProjectInput & LogExport & { readonly path: string; readonly overwrite: boolean },
      signal: AbortSignal,
    ): AsyncIterable<LogSaved>;
  };
  /** Shells in containers. They belong to the engine: a window that goes does not end them. */
  readonly terminals: {
    open(input: TerminalPlace & TerminalSize): Promise<{ readonly id: string }>;
    list(input?: object): Promise<readonly TerminalInfo[]>;
    input(input: { readonly id: string; readonly data: string }, signal?: AbortSignal): Promise<Done>;
    resize(input: { readonly id: string } & TerminalSize): Promise<Done>;
    reconnect(input: { readonly id: string }): Promise<Done>;
    close(input: { readonly id: string }): Promise<Done>;
    debugOffer(input: { readonly id: string }, signal?: AbortSignal): Promise<DebugOffer>;
    debug(input: { readonly id: string; readonly image: string }): Promise<Done>;
    attach(
      input: { readonly id: string; readonly after: number },
      signal: AbortSignal,
    ): AsyncIterable<TerminalItem>;
  };
  readonly cluster: {
    get(input: ProjectInput, signal?: AbortSignal): Promise<ClusterState>;
    create(input: ProjectInput): Promise<JobStarted>;
    delete(input: ProjectInput & { readonly name: string }): Promise<JobStarted>;
  };
  /** Taking away what is a project's, and nothing else. */
  readonly removal: {
    plan(input: ProjectInput, signal?: AbortSignal): Promise<RemovalPlan>;
    start(
      input: ProjectInput & {
        readonly fingerprint: string | null;
        readonly groups: readonly RemovalGroupId[];
        readonly clusterName: string | null;
      },
    ): Promise<JobStarted>;
  };
  readonly activity: {
    list(input?: object): Promise<readonly Job[]>;
    get(input: { readonly jobId: string }): Promise<Job>;
    cancel(input: { readonly jobId: string }): Promise<Done>;
    dismiss(input: { readonly jobId: string }): Promise<Done>;
    follow(
      input: { readonly jobId: string; readonly after: number },
      signal: AbortSignal,
    ): AsyncIterable<JobEvent<DeployEvent>>;
  };
  /** Everything the contract calls an event. Returns the function that stops listening. */
  on<Name extends keyof EngineEvents>(
    name: Name,
    listener: (payload: EngineEvents[Name]) => void,
  ): () => void;
  /** Cancels what runs and leaves nothing behind: no socket, no watch, no process. */
  close(): Promise<void>;
}

export interface EngineEvents {
  'app.status': MachineStatus;
  'settings.changed': Settings;
  'projects.changed': { readonly ids: readonly string[] };
  'projects.filesChanged': { readonly id: string };
  'activity.changed': Job;
  'images.runsChanged': ProjectInput;
  'terminals.changed': { readonly terminal: TerminalInfo; readonly closed: boolean };
}

export interface ProjectInput {
  readonly projectId: string;
}
export interface JobStarted {
  readonly jobId: string;
}
export interface Done {
  readonly ok: true;
}

export interface MachineStatus {
  readonly docker: {
    readonly state: 'ready' | 'unreachable' | 'unknown';
    readonly version: string | null;
    readonly message: string;
  };
  /** How many jobs run. */
  readonly running: number;
  /** ISO 8601. */
  readonly at: string;
}

export type CheckSummary = Pick<CheckResult, 'id' | 'category' | 'title'>;

/** A row of the Projects screen. */
export interface ProjectSummary {
  readonly id: string;
  readonly name: string;
  readonly root: string;
  readonly state: 'ok' | 'missing' | 'invalid' | 'unconfigured';
  readonly problem: Problem | null;
  readonly clusterName: string | null;
  readonly imageCount: number;
  readonly manifestCount: number;
  readonly lastOpened: string;
  readonly lastDeploy: {
    readonly at: string;
    readonly state: DeployResult['state'];
    readonly summary: string;
  } | null;
  readonly runningJob: string | null;
}

export interface ProjectDetail extends ProjectSummary {
  readonly config: {
    readonly file: string;
    readonly namespace: string;
    readonly kindName: string | null;
    readonly kindConfig: string | null;
    readonly apiServerPort: number;
    readonly uiService: string;
    readonly uiUser: string;
    readonly dockerfiles: string;
    readonly manifests: string;
    readonly buildOutput: string;
    readonly tagAlgorithm: string;
  } | null;
  /** The context that the project deploys to. */
  readonly context: string | null;
  readonly helmfile: string | null;
  readonly problems: readonly Problem[];
}

export type OpenResult =
  | { readonly result: 'opened'; readonly project: ProjectSummary }
  | { readonly result: 'proposal'; readonly proposal: ProjectProposal }
  | { readonly result: 'same-identity'; readonly project: ProjectSummary; readonly root: string };

export interface FolderListing {
  readonly path: string;
  readonly parent: string | null;
  readonly folders: readonly {
    readonly name: string;
    readonly path: string;
    readonly isProject: boolean;
    readonly hasDockerfile: boolean;
  }[];
  readonly places: readonly { readonly name: string; readonly path: string }[];
}

/** A row of the Images screen: the description, and what Docker and the nodes hold. */
export interface ImageState extends ImageDescription {
  readonly state: 'current' | 'stale' | 'building' | 'failed' | 'unknown';
  readonly reason: ImageReason | null;
  readonly built: { readonly id: string; readonly size: number; readonly createdAt: string } | null;
  readonly previousReference: string | null;
  readonly nodes: readonly { readonly node: string; readonly loaded: boolean }[];
  readonly lastBuild: {
    readonly jobId: string;
    readonly durationMs: number;
    readonly at: string;
    readonly state: 'done' | 'failed' | 'cancelled' | 'running';
  } | null;
}

export interface PastDeploy {
  readonly jobId: string;
  readonly startedAt: string;
  readonly result: DeployResult | null;
  readonly running: boolean;
}

export interface ClusterState {
  readonly cluster: PlannedCluster;
  readonly state: 'ready' | 'not-answering' | 'stopped' | 'missing' | 'unknown';
  readonly message: string;
  readonly server: string | null;
  readonly version: string | null;
  readonly nodes: readonly {
    readonly name: string;
    readonly role: 'control-plane' | 'worker';
    readonly running: boolean;
    readonly image: string;
    readonly kubernetesVersion: string | null;
    readonly images:
      | readonly {
          readonly reference: string;
          readonly id: string;
          readonly digest: string | null;
          readonly size: number;
          readonly ours: boolean;
        }[]
      | null;
  }[];
  readonly createJob: string | null;
}

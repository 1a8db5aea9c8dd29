/** What a forward leads to: it stays the same while pods come and go. */
export interface ForwardTarget {
  readonly apiVersion: string;
  /** `Service`, `Pod`, or a workload that owns pods. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/**
 * `starting`: no pod was reached yet. `active`: the way to a ready pod is open and its port answered. `reconnecting`: it was, and
 * `message` says what is missing. `failed`: it can't work as it stands (not allowed, no such port); still looked at again.
 * `taken`: another program has the local port.
 */
export type ForwardState = 'off' | 'starting' | 'active' | 'reconnecting' | 'failed' | 'taken';

/** Who has a port of this machine, as far as that can be known. */
export interface PortHolder {
  readonly pid: number | null;
  /** `python3 -m http.server 8000`, or what else is known. */
  readonly name: string;
}

export interface ForwardView {
  readonly id: string;
  readonly target: ForwardTarget;
  /** As declared: a number, or the name of a port that each pod may number differently. */
  readonly port: number | string;
  /** In the pod that serves now. */
  readonly podPort: number | null;
  readonly pod: string | null;
  readonly localPort: number;
  /** `http://127.0.0.1:8000`, or without a scheme where it is no page. */
  readonly address: string;
  /** A browser may make something of it. */
  readonly web: boolean;
  readonly on: boolean;
  readonly state: ForwardState;
  readonly message: string | null;
  /** With `taken`: who has it, and a port that is free. */
  readonly holder: PortHolder | null;
  readonly freePort: number | null;
  /** Open now, and since it was switched on. */
  readonly connections: number;
  readonly served: number;
  readonly received: number;
  readonly sent: number;
}

/** The API of the cluster at `api_server.port`, as `kubectl proxy` serves it. */
export interface ApiProxyView {
  readonly on: boolean;
  readonly state: 'off' | 'active' | 'failed' | 'taken';
  readonly port: number;
  readonly address: string;
  readonly message: string | null;
  readonly holder: PortHolder | null;
}

export interface ForwardsSnapshot {
  readonly forwards: readonly ForwardView[];
  readonly api: ApiProxyView;
  /** Those that were on are switched on again when the project is opened. Off unless the person said so. */
  readonly startWithProject: boolean;
}

/** A declared port that can be forwarded. */
export interface ForwardOffer {
  readonly target: ForwardTarget;
  readonly port: number | string;
  readonly portName: string | null;
  readonly number: number;
  /** The container that declares it; null for a Service's. */
  readonly container: string | null;
  /** Proposed: the same number, unless it needs a privilege. */
  readonly localPort: number;
  readonly web: boolean;
  /** A Service whose pods' workload offers the same port. */
  readonly covered: boolean;
}

export interface StartForward {
  readonly target: ForwardTarget;
  readonly port: number | string;
  /** Null: proposed by us, and another one where that is taken. */
  readonly localPort: number | null;
}

/** What the room needs to know of a project. */
export interface ForwardProject {
  readonly id: string;
  readonly name: string;
  readonly clusterName: string;
  readonly apiPort: number;
}

export interface Forwards {
  watch(input: { readonly projectId: string }, signal: AbortSignal): AsyncIterable<ForwardsSnapshot>;
  list(input: { readonly projectId: string }): Promise<ForwardsSnapshot>;
  /** Every declared port of one object, or of the whole project. */
  offers(
    input: { readonly projectId: string; readonly target: ForwardTarget | null },
    signal?: AbortSignal,
  ): Promise<{ readonly offers: readonly ForwardOffer[] }>;
  /** Switches it on where it is there already. Answers when it is active, or it is known why not yet. */
  start(input: { readonly projectId: string } & StartForward): Promise<ForwardView>;
  switch(input: { readonly projectId: string; readonly id: string; readonly on: boolean }): Promise<Done>;
  /** To another local port. */
  move(input: {
    readonly projectId: string;
    readonly id: string;
    readonly localPort: number;
  }): Promise<ForwardView>;
  remove(input: { readonly projectId: string; readonly id: string }): Promise<Done>;
  api(input: { readonly projectId: string; readonly on: boolean }): Promise<ApiProxyView>;
  /** `ptah forward`: every declared port of every workload, and the API. */
  startAll(input: { readonly projectId: string }): Promise<ForwardsSnapshot>;
  /** `ptah forward --kill`. */
  stopAll(input: { readonly projectId: string }): Promise<{ readonly stopped: number }>;
  startWithProject(input: { readonly projectId: string; readonly on: boolean }): Promise<Done>;
}

interface Done {
  readonly ok: true;
}

import { events, requests, streams } from '../../preload/contract/index.ts';
import type { EventName, EventPayload, MethodName, StreamName } from '../../preload/contract/index.ts';
import type { ApiEngine, Host } from './handler.ts';

/** What a test may make the sample engine do. */
export interface SampleControls {
  /** Replaces the answer of a method. */
  answer(method: MethodName, answer: (input: unknown, signal?: AbortSignal) => unknown): void;
  /** Replaces the items of a stream. */
  feed(stream: StreamName, source: (input: unknown, signal: AbortSignal) => AsyncIterable<unknown>): void;
  emit<E extends EventName>(event: E, payload: EventPayload<E>): void;
  /** Calls that reached the engine, in order. */
  readonly calls: readonly { readonly method: string; readonly input: unknown }[];
  /** Listeners that are registered. */
  listeners(): number;
}

/** An engine that answers every method with the contract's sample, and every stream with its sample item, then the end. */
export function createSampleEngine(home = '/home/me/.config/ptah-desktop'): ApiEngine & SampleControls {
  const answers = new Map<string, (input: unknown, signal?: AbortSignal) => unknown>();
  const feeds = new Map<string, (input: unknown, signal: AbortSignal) => AsyncIterable<unknown>>();
  const listeners = new Map<string, Set<(payload: unknown) => void>>();
  const calls: { method: string; input: unknown }[] = [];

  const call = (method: MethodName) => async (input?: unknown, signal?: AbortSignal) => {
    calls.push({ method, input });
    const answer = answers.get(method);
    return (answer ? await answer(input, signal) : requests[method].sample.out) as never;
  };
  const follow = (name: StreamName) => (input: unknown, signal: AbortSignal) => {
    calls.push({ method: name, input });
    return (feeds.get(name)?.(input, signal) ?? one(streams[name].sample.item)) as never;
  };
  return {
    home: { config: home, cache: `${home}/cache`, socket: `${home}/engine.sock` },
    app: { status: call('app.status') },
    settings: { get: call('settings.get'), update: call('settings.update') },
    setup: { list: call('setup.list'), check: call('setup.check'), fix: call('setup.fix') },
    projects: {
      list: call('projects.list'),
      get: call('projects.get'),
      open: call('projects.open'),
      accept: call('projects.accept'),
      remove: call('projects.remove'),
      locate: call('projects.locate'),
      browse: call('projects.browse'),
    },
    images: {
      list: call('images.list'),
      build: call('images.build'),
      layers: call('images.layers'),
      tags: call('images.tags'),
      removeTags: call('images.removeTags'),
      runPlan: call('images.runPlan'),
      run: call('images.run'),
      runs: call('images.runs'),
      stopRun: call('images.stopRun'),
      dismissRun: call('images.dismissRun'),
      runTerminal: call('images.runTerminal'),
    },
    deploy: { plan: call('deploy.plan'), start: call('deploy.start'), history: call('deploy.history') },
    changes: { object: call('changes.object') },
    workloads: { openService: call('workloads.openService'), watch: follow('workloads.watch') },
    objects: {
      restart: call('objects.restart'),
      scale: call('objects.scale'),
      deletePod: call('objects.deletePod'),
      read: call('objects.read'),
      edit: call('objects.edit'),
      watch: follow('objects.watch'),
      inspect: follow('objects.inspect'),
    },
    dashboard: {
      find: call('dashboard.find'),
      open: call('dashboard.open'),
      example: call('dashboard.example'),
    },
    forwards: {
      list: call('forwards.list'),
      offers: call('forwards.offers'),
      start: call('forwards.start'),
      switch: call('forwards.switch'),
      move: call('forwards.move'),
      remove: call('forwards.remove'),
      api: call('forwards.api'),
      startAll: call('forwards.startAll'),
      stopAll: call('forwards.stopAll'),
      startWithProject: call('forwards.startWithProject'),
      watch: follow('forwards.watch'),
      active: () => 0,
    },
    sync: {
      switch: call('sync.switch'),
      automatic: call('sync.automatic'),
      pause: call('sync.pause'),
      verify: call('sync.verify'),
      sendAll: call('sync.sendAll'),
      resolve: call('sync.resolve'),
      restart: call('sync.restart'),
      watch: follow('sync.watch'),
      feed: follow('sync.feed'),
    },
    logs: {
      lines: call('logs.lines'),
      line: call('logs.line'),
      search: call('logs.search'),
      clear: call('logs.clear'),
      options: call('logs.options'),
      setOptions: call('logs.setOptions'),
      watch: follow('logs.watch'),
      export: follow('logs.export'),
      save: follow('logs.save'),
    },
    terminals: {
      open: call('terminals.open'),
      list: call('terminals.list'),
      input: call('terminals.input'),
      resize: call('terminals.resize'),
      reconnect: call('terminals.reconnect'),
      close: call('terminals.close'),
      debugOffer: call('terminals.debugOffer'),
      debug: call('terminals.debug'),
      attach: follow('terminals.attach'),
    },
    cluster: { get: call('cluster.get'), create: call('cluster.create'), delete: call('cluster.delete') },
    removal: { plan: call('removal.plan'), start: call('removal.start') },
    activity: {
      list: call('activity.list'),
      get: call('activity.get'),
      cancel: call('activity.cancel'),
      dismiss: call('activity.dismiss'),
      follow: follow('activity.follow'),
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      const entry = (payload: unknown) => listener(payload as never);
      set.add(entry);
      return () => void set.delete(entry);
    },
    close: () => Promise.resolve(),
    calls,
    answer: (method, answer) => void answers.set(method, answer),
    feed: (stream, source) => void feeds.set(stream, source),
    emit: (event, payload) => listeners.get(event)?.forEach(listener => listener(payload)),
    listeners: () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0),
  };
}

export const sampleEvents = () =>
  (Object.keys(events) as EventName[]).map(name => ({ name, payload: events[name].sample }));

/** A window's process that opens nothing and remembers what it was asked. */
export function createSampleHost(kind: Host['kind'] = 'loopback'): Host & { readonly opened: string[] } {
  const opened: string[] = [];
  return {
    kind,
    version: '0.1.0',
    opened,
    openExternal: url => Promise.resolve(void opened.push(url)),
    chooseFolder: () => Promise.resolve('/home/me/code/shop'),
    chooseFile: () => Promise.resolve('/home/me/shop.log'),
  };
}

async function* one(item: unknown) {
  yield await Promise.resolve(item);
}

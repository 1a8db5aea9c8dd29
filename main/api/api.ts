import type { z } from 'zod';
import { events, requests, streams } from '../../preload/contract/index.ts';
import type { EventName, Job, MethodName, StreamName } from '../../preload/contract/index.ts';
import { PtahError } from '../engine/errors/index.ts';
import { activity, activityStreams } from './activity.ts';
import { app, hostApp } from './app.ts';
import { cluster } from './cluster.ts';
import { dashboard } from './dashboard.ts';
import { deploy } from './deploy.ts';
import { forwards, forwardStreams } from './forwards.ts';
import type { ApiEngine, CallContext, Handler, Host, StreamHandler } from './handler.ts';
import { images } from './images.ts';
import { logs, logStreams } from './logs.ts';
import { mapItems } from './map-items.ts';
import { objects, objectStreams } from './objects.ts';
import { folders, projects } from './projects.ts';
import { settings } from './settings.ts';
import { setup } from './setup.ts';
import { removal } from './removal.ts';
import { safeJob } from './stored-error.ts';
import { sync, syncStreams } from './sync.ts';
import { terminals, terminalStreams } from './terminals.ts';
import { invalidAnswer, invalidPayload } from './wire-error.ts';
import { workloads, workloadStreams } from './workloads.ts';

/** The contract, served: what every host's connection calls. Throws; the connection turns that into wire errors. */
export interface Api {
  handle(method: string, input: unknown, context: CallContext): Promise<unknown>;
  open(stream: string, input: unknown, context: CallContext): AsyncIterable<unknown>;
  onEvent(listener: (event: EventName, payload: unknown) => void): () => void;
  /** The engine behind it is another one now: whoever is connected has to connect again to see it whole. */
  onReset(listener: () => void): () => void;
}

/** One handler for each request of the contract, by domain. */
export function bindRequests(engine: ApiEngine, host: Host) {
  return {
    ...app(engine),
    ...hostApp(host, engine.home),
    ...settings(engine),
    ...setup(engine),
    ...projects(engine),
    ...folders(host),
    ...images(engine),
    ...deploy(engine),
    ...workloads(engine),
    ...forwards(engine),
    ...dashboard(engine, host),
    ...objects(engine),
    ...logs(engine),
    ...terminals(engine),
    ...sync(engine),
    ...cluster(engine),
    ...removal(engine),
    ...activity(engine),
  } satisfies { [M in MethodName]: Handler<M> };
}

/** One handler for each stream of the contract. */
export function bindStreams(engine: ApiEngine) {
  return {
    ...workloadStreams(engine),
    ...forwardStreams(engine),
    ...objectStreams(engine),
    ...logStreams(engine),
    ...terminalStreams(engine),
    ...syncStreams(engine),
    ...activityStreams(engine),
  } satisfies {
    [S in StreamName]: StreamHandler<S>;
  };
}

type AnyHandler = (input: unknown, context: CallContext) => Promise<unknown>;
type AnyStreamHandler = (input: unknown, context: CallContext) => AsyncIterable<unknown>;

/** Binds the contract to an engine in this process. Input and output are checked, in production too. */
export function createApi(engine: ApiEngine, host: Host): Api {
  const handlers = new Map(Object.entries(bindRequests(engine, host) as Record<string, AnyHandler>));
  const streamHandlers = new Map(Object.entries(bindStreams(engine) as Record<string, AnyStreamHandler>));
  return {
    async handle(method, input, context) {
      const handler = handlers.get(method);
      const definition = requestOf(method);
      if (!handler || !definition) throw unknown('method', method);
      const parsed = parseInput(method, definition.in, input);
      context.signal.throwIfAborted();
      return parseOutput(method, definition.out, await handler(parsed, context));
    },
    open(name, input, context) {
      const handler = streamHandlers.get(name);
      const definition = streamOf(name);
      if (!handler || !definition) throw unknown('stream', name);
      const parsed = parseInput(name, definition.in, input);
      return mapItems(handler(parsed, context), item => parseOutput(name, definition.item, item));
    },
    onEvent(listener) {
      const stops = (Object.keys(events) as EventName[]).map(name =>
        engine.on(name, payload => {
          const parsed = events[name].payload.safeParse(
            name === 'activity.changed' ? safeJob(payload as Job) : payload,
          );
          // an event that does not fit is dropped and said: nobody waits for it
          if (parsed.success) listener(name, parsed.data);
          else console.error(invalidAnswer(name, parsed.error).message);
        }),
      );
      return () => stops.forEach(stop => stop());
    },
    onReset: () => () => undefined,
  };
}

const own = <T extends object>(map: T, key: string) =>
  Object.hasOwn(map, key) ? map[key as keyof T] : undefined;

export const requestOf = (method: string) =>
  own(requests as Record<string, { readonly in: z.ZodType; readonly out: z.ZodType }>, method);
export const streamOf = (name: string) =>
  own(streams as Record<string, { readonly in: z.ZodType; readonly item: z.ZodType }>, name);

export function unknown(what: 'method' | 'stream', name: string): PtahError {
  return new PtahError(`unknown-${what}`, `There is no ${what} ${JSON.stringify(name.slice(0, 128))}.`, {
    hint: 'The window and the engine are of different versions.',
  });
}

export function parseInput(method: string, schema: z.ZodType, input: unknown): unknown {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw invalidPayload(method, parsed.error);
  return parsed.data;
}

export function parseOutput(method: string, schema: z.ZodType, output: unknown): unknown {
  const parsed = schema.safeParse(output);
  if (!parsed.success) throw invalidAnswer(method, parsed.error);
  return parsed.data;
}

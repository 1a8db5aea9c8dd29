import { json } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { createDemultiplexer } from '../../docker/index.ts';
import type { Docker } from '../../docker/index.ts';
import { PtahError } from '../../errors/index.ts';
import { labels } from '../labels.ts';
import { createRunLog, type RunLog } from './run-log.ts';
import { createContainer, isLocal, removeContainer, runLabel } from './start-container.ts';
import { createTimedDemultiplexer } from './timed-output.ts';
import type { RunLogItem, RunRequest, RunView } from './types.ts';

/** Containers of ended ones that are remembered for their log. */
const mostEnded = 20;
const stopSeconds = 5;

/** Images that are run by hand. What runs is asked of Docker; only logs, and what has ended, is remembered here. */
export interface Runs {
  start(request: RunRequest, signal?: AbortSignal): Promise<RunView>;
  /** What runs, and what ended while we looked; the newest first. */
  list(project: string, signal?: AbortSignal): Promise<readonly RunView[]>;
  /** Ends it; its log stays until it is dismissed. */
  stop(project: string, id: string): Promise<void>;
  dismiss(project: string, id: string): Promise<void>;
  log(project: string, id: string, after: number, signal: AbortSignal): AsyncIterable<RunLogItem>;
  /** Whether its log is still here. */
  knows(id: string): boolean;
  /** One of a project started, ended or was dismissed. */
  onChange(listener: (project: string) => void): () => void;
  /** Stops listening; what runs goes on. */
  close(): void;
}

interface Kept {
  readonly project: string;
  view: RunView;
  readonly log: RunLog;
}

interface ContainerSummary {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly State: string;
  readonly Created: number;
  readonly Ports?:
    readonly { readonly PrivatePort: number; readonly PublicPort?: number; readonly Type?: string }[] | null;
}

export function createRuns(connection: () => Docker): Runs {
  const kept = new Map<string, Kept>();
  const listeners = new Set<(project: string) => void>();
  const closing = new AbortController();
  const tell = (project: string): void => {
    for (const listener of listeners) listener(project);
  };

  async function read(docker: Docker, project: string, signal?: AbortSignal): Promise<readonly RunView[]> {
    const filters = { label: [`${labels.project}=${project}`, `${runLabel}=by-hand`] };
    const { body } = await docker.stream({
      method: 'GET',
      path: `/containers/json?filters=${encodeURIComponent(JSON.stringify(filters))}`,
      signal,
    });
    return ((await json(body)) as readonly ContainerSummary[]).map(one => viewOf(one, addressOf(docker)));
  }

  /** Joins `output` and `end` into a log, until the container has ended. `timed`: each line begins with its moment. */
  function keep(
    project: string,
    view: RunView,
    output: Promise<Readable>,
    timed: boolean,
    end: Promise<number | null>,
  ): Kept {
    const known: Kept = { project, view, log: createRunLog() };
    kept.set(view.id, known);
    const write = async (): Promise<void> => {
      const demultiplex = timed
        ? createTimedDemultiplexer((stream, bytes, at) => known.log.write(stream, bytes, at))
        : createDemultiplexer((stream, bytes) => known.log.write(stream, bytes));
      for await (const chunk of await output) demultiplex(chunk as Buffer);
    };
    const follow = async (): Promise<void> => {
      const [, result] = await Promise.allSettled([write(), end]);
      if (closing.signal.aborted) return;
      const exitCode = result.status === 'fulfilled' ? result.value : null;
      known.view = { ...known.view, state: 'ended', endedAt: new Date().toISOString(), exitCode };
      known.log.end(exitCode);
      forget();
      tell(project);
    };
    void follow();
    return known;
  }
  function forget(): void {
    const ended = [...kept.values()].filter(({ view }) => view.state === 'ended');
    for (const { view } of ended.slice(0, Math.max(0, ended.length - mostEnded))) kept.delete(view.id);
  }
  async function ended(docker: Docker, id: string, condition: string): Promise<number | null> {
    const { body } = await docker.stream({
      method: 'POST',
      path: `/containers/${id}/wait?condition=${condition}`,
      signal: closing.signal,
    });
    return ((await json(body)) as { readonly StatusCode?: number }).StatusCode ?? null;
  }

  /** One that was started by an engine that is gone: its log is Docker's. */
  function adopt(docker: Docker, project: string, view: RunView): Kept {
    const output = docker
      .stream({
        method: 'GET',
        path: `/containers/${view.id}/logs?follow=1&stdout=1&stderr=1&tail=10000&timestamps=1`,
        signal: closing.signal,
      })
      .then(({ body }) => body);
    return keep(project, view, output, true, ended(docker, view.id, 'not-running'));
  }

  async function list(project: string, signal?: AbortSignal): Promise<readonly RunView[]> {
    const docker = connection();
    const running = await read(docker, project, signal);
    for (const view of running) {
      const known = kept.get(view.id);
      if (known === undefined) adopt(docker, project, view);
      else if (known.view.state === 'running') known.view = view;
    }
    const over = [...kept.values()].filter(one => one.project === project && one.view.state === 'ended');
    return [
      ...running.filter(({ id }) => kept.get(id)?.view.state !== 'ended'),
      ...over.map(one => one.view),
    ].toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
  }

  async function find(project: string, id: string): Promise<Kept> {
    if (kept.get(id)?.project !== project) await list(project);
    const known = kept.get(id);
    if (known?.project === project) return known;
    throw new PtahError('not-found', 'That container is gone, and its log with it.');
  }

  return {
    list,
    async start(request, signal) {
      const docker = connection();
      const made = await createContainer(docker, request, signal);
      // before it starts: what a program says that ends at once is not lost with `--rm`
      const { body } = await docker.stream({
        method: 'POST',
        path: `/containers/${made.id}/attach?stream=1&stdout=1&stderr=1`,
        signal: closing.signal,
      });
      const end = ended(docker, made.id, 'removed');
      end.catch(() => undefined);
      body.on('error', () => undefined);
      try {
        await made.start(signal);
      } catch (error) {
        body.destroy();
        throw error;
      }
      const first: RunView = {
        id: made.id,
        name: made.name,
        image: request.image,
        reference: request.reference,
        state: 'running',
        startedAt: new Date().toISOString(),
        endedAt: null,
        exitCode: null,
        ports: request.ports.map(port => ({ ...port, url: urlOf(port, addressOf(docker)) })),
      };
      const known = keep(request.project, first, Promise.resolve(body), false, end);
      tell(request.project);
      // ports that were left to Docker; it may have ended already
      const now = (await read(docker, request.project, signal).catch(() => [])).find(
        ({ id }) => id === made.id,
      );
      if (now !== undefined && known.view.state === 'running') known.view = now;
      return known.view;
    },
    async stop(project, id) {
      const { view } = await find(project, id);
      if (view.state === 'ended') return;
      const docker = connection();
      try {
        const { body } = await docker.stream({
          method: 'POST',
          path: `/containers/${id}/stop?t=${stopSeconds}`,
        });
        body.resume();
      } catch (error) {
        if (!(error instanceof PtahError && error.code === 'not-found')) throw error;
      }
      await removeContainer(docker, id);
    },
    async dismiss(project, id) {
      const known = await find(project, id);
      if (known.view.state === 'running')
        throw new PtahError('invalid', 'It runs: stop it first.', { hint: 'What runs stays in the list.' });
      kept.delete(id);
      tell(project);
    },
    async *log(project, id, after, signal) {
      const known = await find(project, id);
      yield* known.log.follow(after, AbortSignal.any([closing.signal, signal]));
    },
    knows: id => kept.has(id),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      closing.abort();
      listeners.clear();
    },
  };
}

/** Where a published port is reached. */
const addressOf = (docker: Docker): string =>
  isLocal(docker) ? '127.0.0.1' : new URL(docker.endpoint.host).hostname;

const urlOf = (
  { protocol, host }: { readonly protocol: string; readonly host: number },
  address: string,
): string | null => (protocol === 'tcp' && host > 0 ? `http://${address}:${host}/` : null);

function viewOf(one: ContainerSummary, address: string): RunView {
  const seen = new Set<string>();
  return {
    id: one.Id,
    name: (one.Names[0] ?? '').replace(/^\//, ''),
    image: one.Labels?.[labels.image] ?? one.Image,
    reference: one.Image,
    state: 'running',
    startedAt: new Date(one.Created * 1000).toISOString(),
    endedAt: null,
    exitCode: null,
    ports: (one.Ports ?? []).flatMap(({ PrivatePort, PublicPort, Type }) => {
      const protocol = Type === 'udp' ? ('udp' as const) : ('tcp' as const);
      const key = `${PrivatePort}/${protocol}/${PublicPort ?? ''}`;
      // once for each address that it is bound to
      if (PublicPort === undefined || seen.has(key)) return [];
      seen.add(key);
      const port = { container: PrivatePort, protocol, host: PublicPort };
      return [{ ...port, url: urlOf(port, address) }];
    }),
  };
}

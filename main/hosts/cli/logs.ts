import { PtahError } from '../../engine/errors/index.ts';
import type { Engine } from '../../engine/index.ts';
import type { LogRow, LogScope, LogSource, LogStatus, LogView } from '../../engine/logs/index.ts';
import { UsageError, type Command, type CommandInput, type Terminal } from './command.ts';
import { kindAndName } from './kind-and-name.ts';
import { withEngine } from './with-engine.ts';

type Logs = Engine['logs'];

/** `ptah logs`: what the project's containers say. */
export const logs: Command = {
  name: 'logs',
  summary: 'Print the logs of the project, a workload, a pod or an image',
  synopsis: '[WORKLOAD|KIND/NAME|IMAGE]',
  options: {
    follow: { type: 'boolean', short: 'f' },
    since: { type: 'string' },
    tail: { type: 'string' },
    previous: { type: 'boolean', short: 'p' },
    grep: { type: 'string' },
    container: { type: 'string', short: 'c' },
    timestamps: { type: 'boolean' },
  },
  help: [
    'KIND/NAME is as in kubectl: deployment/web, sts/db, pod/web-0',
    '-f, --follow         Go on until Ctrl+C, through restarts and new pods',
    '--since TIME         Only so far back: 90s, 10m, 2h',
    '--tail N             Begin with the last N lines of each container; default: all',
    '-p, --previous       Of the instance before the last restart',
    '--grep RE            Only lines that match the (JavaScript) regular expression',
    '-c, --container NAME Only of containers of that name',
    '--timestamps         Each line with its time',
  ],
  takes: [0, 1],
  run: (input, terminal) => {
    const wanted = wish(input);
    return withEngine(terminal, async engine => {
      const { id } = await engine.projects.use({ dir: input.directory });
      const printer = createPrinter(engine.logs, id, wanted, terminal);
      return input.options.previous === true
        ? printPrevious(engine.logs, id, wanted, printer, terminal)
        : printLogs(engine.logs, id, wanted, printer, terminal);
    });
  },
};

interface Wish {
  readonly target: string | null;
  readonly container: string | null;
  readonly follow: boolean;
  readonly tail: number | null;
  readonly sinceSeconds: number | null;
  readonly timestamps: boolean;
  readonly json: boolean;
  readonly filter: LogView['filter'];
}

function wish({ options, arguments: [target], format }: CommandInput): Wish {
  const word = (name: string): string | null => {
    const value = options[name];
    return typeof value === 'string' ? value : null;
  };
  const grep = word('grep');
  if (grep !== null) {
    try {
      RegExp(grep);
    } catch (error) {
      throw new UsageError(`--grep: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return {
    target: target ?? null,
    container: word('container'),
    follow: options.follow === true,
    tail: tailOf(word('tail')),
    sinceSeconds: sinceOf(word('since')),
    timestamps: options.timestamps === true,
    json: format !== 'text',
    filter: grep === null ? null : { text: grep, regex: true, matchCase: true, invert: false, context: 0 },
  };
}

function tailOf(text: string | null): number | null {
  if (text === null || text === 'all') return null;
  if (!/^\d{1,7}$/.test(text)) throw new UsageError(`--tail is a number of lines, not ${text}`);
  return Number(text);
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `90s`, `10m`, `1h30m`. */
export function sinceOf(text: string | null): number | null {
  if (text === null) return null;
  const parts = [...text.matchAll(/(\d+)([smhd])/g)];
  const seconds = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (unitSeconds[unit ?? ''] ?? 0),
    0,
  );
  if (parts.map(([part]) => part).join('') !== text || seconds === 0)
    throw new UsageError(`--since is a time such as 90s, 10m or 2h, not ${text}`);
  return seconds;
}

const viewOf = (scope: LogScope, { filter }: Wish): LogView => ({ scope, hidden: [], levels: null, filter });

/** Whether a source is what was asked for: a workload, a pod (`pod/NAME`), or containers of an image of that name. */
function isWanted(source: LogSource, { target, container }: Wish): boolean {
  if (source.kind === 'build') return false;
  if (container !== null && source.container !== container) return false;
  if (target === null) return true;
  const meant = kindAndName(target);
  if (meant?.kind === 'Pod') return source.pod === meant.name;
  if (meant !== null) return source.workload?.kind === meant.kind && source.workload.name === meant.name;
  const image = (source.image ?? '').replace(/@.*$/, '').replace(/:[^:/]+$/, '');
  return source.workload?.name === target || image === target || image.endsWith(`/${target}`);
}

interface Printer {
  print(rows: readonly LogRow[], sources: ReadonlyMap<string, LogSource>): Promise<void>;
}

function createPrinter(logs: Logs, projectId: string, wanted: Wish, terminal: Terminal): Printer {
  let width = 0;
  async function whole({ seq, text, cut }: LogRow): Promise<string> {
    if (!cut) return text;
    let all = '';
    for (let offset: number | null = 0; offset !== null;) {
      const piece: Awaited<ReturnType<Logs['line']>> = await logs.line({ projectId, seq, offset });
      all += piece.text;
      offset = piece.next;
    }
    return all;
  }
  return {
    async print(rows, sources) {
      let out = '';
      for (const row of rows) {
        const source = sources.get(row.source);
        if (!source || (!isWanted(source, wanted) && source.kind !== 'previous')) continue;
        const text = await whole(row);
        if (wanted.json) {
          const { at, level } = row;
          const { namespace, pod, container } = source;
          out += `${JSON.stringify({ at, namespace, pod, container, level, text })}\n`;
          continue;
        }
        width = Math.max(width, source.label.length);
        out += `${source.label.padEnd(width)} | ${wanted.timestamps ? `${row.at} ` : ''}${text}\n`;
      }
      if (out !== '') terminal.out(out);
    },
  };
}

async function printLogs(
  logs: Logs,
  projectId: string,
  wanted: Wish,
  printer: Printer,
  terminal: Terminal,
): Promise<number> {
  await logs.setOptions({
    projectId,
    options: { tail: wanted.tail, sinceSeconds: wanted.sinceSeconds, muted: [] },
  });
  const view = viewOf({ kind: 'project' }, wanted);
  let next: number | null = null;
  let said = '';
  for await (const status of logs.watch({ projectId, view }, terminal.signal)) {
    if (status.problem) return fail(terminal, status.problem.message);
    if (status.disconnected !== null && !wanted.follow) throw unreachable(status.disconnected);
    const note = status.disconnected ?? '';
    if (note !== said && note !== '') terminal.err(`${note}\n`);
    said = note;
    // until everything that was there is read and looked at, rows still come before the first
    if (!status.ready || (next === null && status.progress < 1)) continue;
    const found = status.sources.filter(source => isWanted(source, wanted));
    if (next === null && found.length === 0) {
      if (!wanted.follow) return fail(terminal, nothing(status, wanted));
      terminal.err(`${nothing(status, wanted)} Waiting for it.\n`);
    }
    next ??= status.first;
    const sources = new Map(status.sources.map(source => [source.key, source]));
    while (next < status.end) {
      const answer = await logs.lines({ projectId, view, from: next, count: 2_000 });
      await printer.print(answer.rows, sources);
      next = Math.max(next, Math.min(answer.end, Math.max(next, answer.first) + 2_000));
    }
    if (!wanted.follow) return failures(found, terminal);
  }
  return 0;
}

async function printPrevious(
  logs: Logs,
  projectId: string,
  wanted: Wish,
  printer: Printer,
  terminal: Terminal,
): Promise<number> {
  const all = viewOf({ kind: 'project' }, { ...wanted, filter: null });
  let found: readonly LogSource[] = [];
  await logs.setOptions({ projectId, options: { tail: 0, sinceSeconds: null, muted: [] } });
  for await (const status of logs.watch({ projectId, view: all }, terminal.signal)) {
    if (status.disconnected !== null) throw unreachable(status.disconnected);
    if (!status.ready) continue;
    found = status.sources.filter(source => isWanted(source, wanted));
    if (found.length === 0) return fail(terminal, nothing(status, wanted));
    break;
  }
  let code = 0;
  for (const { namespace, pod, container, restarts, label } of found) {
    if (restarts === 0 || namespace === null || pod === null || container === null) continue;
    const view = viewOf({ kind: 'container', namespace, pod, container, previous: true }, wanted);
    for await (const status of logs.watch({ projectId, view }, terminal.signal)) {
      const [source] = status.sources;
      if (status.problem) return fail(terminal, status.problem.message);
      if (source?.state === 'failed') code = fail(terminal, `${label}: ${source.message}`);
      if (!source || (source.state !== 'ended' && source.state !== 'failed') || status.progress < 1) continue;
      const sources = new Map([[source.key, source]]);
      for (let from = status.first; from < status.end; from += 2_000)
        await printer.print((await logs.lines({ projectId, view, from, count: 2_000 })).rows, sources);
      break;
    }
  }
  if (found.every(({ restarts }) => restarts === 0))
    return fail(terminal, 'Nothing was started again: there is no instance before.');
  return code;
}

const unreachable = (message: string) =>
  new PtahError('cluster-unreachable', message, {
    hint: '`ptah deploy` makes and fills the cluster; `ptah setup` says what this machine lacks.',
  });

function nothing(status: LogStatus, { target, container }: Wish): string {
  const names = [...new Set(status.sources.flatMap(source => source.workload?.name ?? []))];
  const what = [target, container && `container ${container}`].filter(Boolean).join(', ');
  if (names.length === 0) return 'Nothing of the project runs.';
  return `Nothing of the project is called ${what}. There is: ${names.join(', ')}.`;
}

function failures(found: readonly LogSource[], terminal: Terminal): number {
  const failed = found.filter(({ state }) => state === 'failed' || state === 'retrying');
  for (const { label, message } of failed) terminal.err(`${label}: ${message}\n`);
  return failed.length > 0 ? 1 : 0;
}

function fail(terminal: Terminal, message: string): number {
  terminal.err(`error: ${message}\n`);
  return 1;
}

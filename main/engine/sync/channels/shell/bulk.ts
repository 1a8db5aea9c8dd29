import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import { once } from 'node:events';
import type { Cluster, ExecSession } from '../../../cluster/index.ts';
import type { ContainerAddress } from '../../types.ts';
import type { ChannelLimits } from '../limits.ts';
import { isSmall, smallBytes, streamBytes } from '../sources.ts';
import type { FileOperation } from '../sources.ts';
import { archiveLength, fileHeader, headerLength, padded, padding } from './archive.ts';
import { channelLost, podOf } from './shell-session.ts';

export interface StagedFiles {
  /** The folder that holds them, each as `GROUP/NAME`. */
  readonly folder: string;
  /** Files of one directory and owner go into one group, under their own names. */
  readonly groups: readonly {
    readonly name: string;
    readonly directory: string;
    readonly owner: string | null;
    readonly files: readonly FileOperation[];
  }[];
  /** Files whose bytes were not those of their hash any more. */
  readonly changed: ReadonlySet<FileOperation>;
  /** What tar said, when it failed. */
  readonly problem: string | null;
}

const archiveEnd = 1024;

/**
 * Brings files into a folder beside the target with one `tar`. Its input is bounded by `head`, for an older API server cannot end it
 * (kubernetes#89899) and BusyBox' tar reads on after the archive's end.
 */
export async function stageFiles(
  cluster: Cluster,
  address: ContainerAddress,
  root: string,
  files: readonly FileOperation[],
  limits: ChannelLimits,
  options: { readonly signal?: AbortSignal; readonly onBytes?: (sent: number) => void } = {},
): Promise<StagedFiles> {
  const folder = posix.join(root, `.ptah-sync-${randomBytes(6).toString('hex')}`);
  const groups = grouped(files);
  const members = groups.flatMap(group =>
    group.files.map(file => ({ file, name: `${group.name}/${posix.basename(file.path)}` })),
  );
  const length = archiveLength(
    members.reduce((sum, { file, name }) => sum + headerLength(name) + padded(file.size), archiveEnd) -
      archiveEnd,
  );
  // All input is taken also when tar gives up: the kubelet ends an exec only when its input is through. Whoever is cut off hears
  // no last line, and takes back what came: the next one to open a channel may have swept before this one has ended.
  const script =
    'umask 077; mkdir -p -- "$2"; head -c "$1" | { cd -- "$2" && umask 0 && tar -xpof -; s=$?; cat >/dev/null; exit $s; }; ' +
    's=$?; echo staged; IFS= read -r l || rm -rf -- "$2"; exit $s';
  const session = await cluster.exec(
    podOf(address),
    { argv: ['sh', '-c', script, 'sh', String(length), folder] },
    options.signal,
  );
  const changed = new Set<FileOperation>();
  let output = '';
  session.stderr.on('data', (chunk: Buffer) => (output = (output + chunk.toString('utf8')).slice(-4000)));
  // All that is ever said there is that tar has ended.
  session.stdout.once('data', () => session.stdin.write('\n'));
  // A writer that nobody reads from, or a tar that never ends: both are told by silence.
  let timer: NodeJS.Timeout | undefined;
  let late = false;
  const alive = (grant = 0): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      late = true;
      session.close();
    }, limits.silence + grant);
  };
  try {
    alive(limits.open);
    await send(session, members, length, changed, options, alive);
    alive(limits.silence + (length / 2 ** 20) * limits.perMiB);
    const { exitCode, reason } = await session.exit;
    if (options.signal?.aborted) throw channelLost('Cancelled.');
    if (late) throw channelLost('tar in the container did not end in time.');
    if (exitCode === null) throw channelLost(reason ?? 'The connection ended.');
    return {
      folder,
      groups,
      changed,
      problem: exitCode === 0 ? null : output.trim() || `tar ended with ${exitCode}`,
    };
  } finally {
    clearTimeout(timer);
    session.close();
  }
}

async function send(
  session: ExecSession,
  members: readonly { readonly file: FileOperation; readonly name: string }[],
  length: number,
  changed: Set<FileOperation>,
  { signal, onBytes }: { readonly signal?: AbortSignal; readonly onBytes?: (sent: number) => void },
  alive: (grant?: number) => void,
): Promise<void> {
  const over = new AbortController();
  void session.exit.then(() => over.abort());
  const mtime = Math.floor(Date.now() / 1000);
  let written = 0;
  let sent = 0;
  const write = async (bytes: Uint8Array): Promise<void> => {
    if (over.signal.aborted) return;
    written += bytes.byteLength;
    if (session.stdin.write(bytes)) return;
    await once(session.stdin, 'drain', { signal: over.signal }).catch(() => undefined);
    alive();
  };
  for (const { file, name } of members) {
    if (over.signal.aborted || signal?.aborted) return;
    await write(fileHeader(name, file.size, file.mode & 0o7777, mtime));
    let had = 0;
    const put = async (bytes: Uint8Array): Promise<void> => {
      had += bytes.byteLength;
      await write(bytes);
      onBytes?.((sent += bytes.byteLength));
    };
    let whole: boolean;
    if (isSmall(file)) {
      const content = await smallBytes(file);
      whole = content !== null;
      if (content !== null) await put(content);
    } else whole = await streamBytes(file, put, signal);
    if (!whole) changed.add(file);
    // What is short of the announced size is filled up, and not used.
    for (let missing = file.size - had; missing > 0; missing -= 65_536)
      await write(Buffer.alloc(Math.min(missing, 65_536)));
    await write(padding(file.size));
  }
  for (let missing = length - written; missing > 0; missing -= 65_536)
    await write(Buffer.alloc(Math.min(missing, 65_536)));
}

function grouped(files: readonly FileOperation[]): StagedFiles['groups'] {
  const groups = new Map<string, FileOperation[]>();
  for (const file of files) {
    const key = `${file.owner ?? ''}\0${posix.dirname(file.path)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [file]);
    else group.push(file);
  }
  return [...groups.values()].map((group, index) => ({
    name: String(index),
    directory: posix.dirname(group[0]?.path ?? '/'),
    owner: group[0]?.owner ?? null,
    files: group,
  }));
}

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { nodeNames, output } from '../world/machine.ts';

/** What an engine holds of this machine and of the nodes. */
export interface Footprint {
  /** Processes of this machine that the engine started, and the engine. */
  readonly processes: number;
  readonly watches: number;
  readonly sockets: number;
  /** Open files that are neither sockets nor the usual pipes and devices. */
  readonly files: number;
}

/** Counts what the processes that carry this mark hold. Another user's processes can't be read, and are not ours. */
export function footprintOf(mark: string): Footprint {
  let processes = 0;
  let watches = 0;
  let sockets = 0;
  let files = 0;
  for (const pid of marked(mark)) {
    processes++;
    watches += watchesOf(pid);
    for (const link of descriptors(pid)) {
      if (link.startsWith('socket:')) sockets++;
      else if (link.startsWith('/') && !link.startsWith('/dev/')) files++;
    }
  }
  return { processes, watches, sockets, files };
}

/** Processes whose environment holds the mark. */
export function marked(mark: string): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark)) return false;
        return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
      } catch {
        return false;
      }
    });
}

/** Every inotify watch is a line of its instance's information. */
export function watchesOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fdinfo`)
      .map(name => readOr(`/proc/${pid}/fdinfo/${name}`))
      .reduce((sum, text) => sum + (text.match(/^inotify wd:/gm)?.length ?? 0), 0);
  } catch {
    return 0;
  }
}

const readOr = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

function descriptors(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map(name => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${name}`);
      } catch {
        return '';
      }
    });
  } catch {
    return [];
  }
}

/**
 * What runs in the nodes without being the node's own: whoever was let in by `docker exec` has no parent there, and its children have
 * it. `PID command`, a line each.
 */
export async function strangersInNodes(): Promise<string[]> {
  const script = `
    for status in /proc/[0-9]*/status; do
      pid=; parent=; state=
      while read -r key value rest; do
        case $key in Pid:) pid=$value ;; PPid:) parent=$value ;; State:) state=$value ;; esac
      done 2>/dev/null <$status
      [ "$state" = Z ] && continue
      [ -n "$pid" ] && echo "$pid $parent $(tr '\\0\\n' '  ' 2>/dev/null </proc/$pid/cmdline | cut -c1-120)"
    done`;
  const found: string[] = [];
  for (const node of await nodeNames()) {
    const lines = (await output('docker', 'exec', node, 'sh', '-c', script)).split('\n');
    const rows = lines.map(line => {
      const [pid = '', parent = '', ...command] = line.split(' ');
      return { pid, parent, command: command.join(' ').trim() };
    });
    // the one that asks is a stranger as well
    const asking = new Set(
      rows.filter(({ command }) => command.includes('for status in')).map(({ pid }) => pid),
    );
    const strangers = new Set(
      rows.filter(({ pid, parent }) => parent === '0' && pid !== '1').map(({ pid }) => pid),
    );
    for (let grown = -1; grown !== strangers.size;) {
      grown = strangers.size;
      for (const { pid, parent } of rows) if (strangers.has(parent)) strangers.add(pid);
    }
    for (const { pid, parent, command } of rows)
      if (strangers.has(pid) && !asking.has(pid) && !asking.has(parent))
        found.push(`${node} ${pid} ${command}`);
  }
  return found;
}

/** Processes of a container beside its first one: what a channel that lives inside left there. */
export async function strangersInside(node: string, pid: number): Promise<string[]> {
  const script = `
    ns=$(readlink /proc/${pid}/ns/pid)
    for dir in /proc/[0-9]*; do
      [ "$(readlink $dir/ns/pid 2>/dev/null)" = "$ns" ] || continue
      [ "$dir" = /proc/${pid} ] || echo "$dir $(tr '\\0' ' ' <$dir/cmdline)"
    done 2>/dev/null; true`;
  const out = await output('docker', 'exec', node, 'sh', '-c', script);
  return out === '' ? [] : out.split('\n');
}

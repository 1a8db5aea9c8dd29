import { rootFix, runAsRoot } from './as-root.ts';
import type { DiagnosticsDeps } from './deps.ts';
import type { Check } from './types.ts';

const gibibyte = 1024 ** 3;
const inGiB = (bytes: number) => `${(bytes / gibibyte).toFixed(1)} GiB`;

/** Images and nodes take much room, and a full disk fails in the oddest places. */
export function checkDisk({ docker, home, machine }: DiagnosticsDeps): Check {
  return {
    id: 'disk',
    category: 'machine',
    title: 'Disk space',
    async run(signal) {
      const rootDir = await rootOfDocker(signal);
      // inside Docker Desktop's virtual machine the folder is not ours to measure
      const place = rootDir !== null && machine.exists(rootDir) ? rootDir : home.cache;
      const free = await machine.freeBytes(place);
      if (free === null)
        return { state: 'ok', summary: 'It could not be measured', hint: null, fixes: [], evidence: null };
      const state = free < 2 * gibibyte ? 'failed' : free < 10 * gibibyte ? 'warning' : 'ok';
      return {
        state,
        summary: `${inGiB(free)} free below ${place}`,
        hint: state === 'ok' ? null : 'Remove images that nothing uses: docker image prune',
        fixes: [],
        evidence: null,
      };
    },
  };

  async function rootOfDocker(signal: AbortSignal): Promise<string | null> {
    try {
      return (await docker().info(signal)).rootDir;
    } catch {
      return null;
    }
  }
}

const wantedWatches = 524_288;
const wantedInstances = 512;
const inotify = ['fs.inotify.max_user_watches', 'fs.inotify.max_user_instances'] as const;

/** Kind's own list of known issues begins with these limits: pods fail with "too many open files". */
export function checkInotify(deps: DiagnosticsDeps): Check {
  const commands = [
    ['sysctl', '-w', `${inotify[0]}=${wantedWatches}`],
    ['sysctl', '-w', `${inotify[1]}=${wantedInstances}`],
  ];
  return {
    id: 'inotify',
    category: 'machine',
    title: 'File watches',
    async run() {
      const read = async (name: string) => {
        const text = await deps.machine.readText(`/proc/sys/${name.replaceAll('.', '/')}`);
        return text === null ? null : Number.parseInt(text, 10);
      };
      const [watches, instances] = await Promise.all([read(inotify[0]), read(inotify[1])]);
      if (watches === null || instances === null)
        return {
          state: 'not-needed',
          summary: 'This system has no such limits',
          hint: null,
          fixes: [],
          evidence: null,
        };
      const low = watches < 65_536 || instances < 128;
      return {
        state: low ? 'warning' : 'ok',
        summary: `${watches} watches, ${instances} instances`,
        hint: low ? 'Pods that watch files may fail with “too many open files”.' : null,
        fixes: low ? [await rootFix(deps, 'raise', 'Raise the limits', commands)] : [],
        evidence: null,
      };
    },
    fix: (_fixId, log, signal) => runAsRoot(deps, commands, log, signal),
  };
}

/** A Kind node with a few pods takes about a gigabyte. */
export function checkMemory({ machine }: DiagnosticsDeps): Check {
  return {
    id: 'memory',
    category: 'machine',
    title: 'Memory',
    async run() {
      const low = machine.memoryBytes < 3.5 * gibibyte;
      return {
        state: low ? 'warning' : 'ok',
        summary: `${inGiB(machine.memoryBytes)} in this machine`,
        hint: low ? 'A cluster with more than one node will be slow or fail.' : null,
        fixes: [],
        evidence: null,
      };
    },
  };
}

/** Where programs are looked for: a window that was started by a click gets a short PATH of its own. */
export function checkPath({ tools }: DiagnosticsDeps): Check {
  return {
    id: 'path',
    category: 'machine',
    title: 'PATH',
    async run() {
      const folders = await tools.searchPath();
      return {
        state: 'ok',
        summary: `Programs are looked for in ${folders.length} folders`,
        hint: null,
        fixes: [],
        evidence: { output: [...folders] },
      };
    },
  };
}

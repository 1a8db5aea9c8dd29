import type { MethodInput } from '../../../preload/contract/index.ts';
import type { RunPlan } from '../../../preload/contract/image-runs.ts';
import { splitWords } from '../../text/docker-run.ts';

/** What stands in the form: texts, as they are typed. `id` tells rows apart. */
export interface RunDraft {
  readonly ports: readonly PortDraft[];
  readonly environment: readonly VariableDraft[];
  readonly mounts: readonly MountDraft[];
  readonly command: string;
}
export interface PortDraft {
  readonly id: number;
  readonly container: string;
  readonly protocol: 'tcp' | 'udp';
  readonly host: string;
  readonly note: string | null;
}
export interface VariableDraft {
  readonly id: number;
  readonly name: string;
  readonly value: string;
}
export interface MountDraft {
  readonly id: number;
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export type RunInput = Omit<MethodInput<'images.run'>, 'projectId' | 'name'>;

export const draftOf = (plan: RunPlan): RunDraft => ({
  ports: plan.ports.map((port, id) => ({
    id,
    container: String(port.container),
    protocol: port.protocol,
    host: String(port.host),
    note: port.note,
  })),
  environment: [],
  mounts: [],
  command: '',
});

export const nextId = (rows: readonly { readonly id: number }[]): number =>
  Math.max(-1, ...rows.map(({ id }) => id)) + 1;

/** The run that a form means, or the first thing that is wrong with it. Rows that were left empty mean nothing. */
export function readDraft(
  draft: RunDraft,
): { readonly run: RunInput; readonly problem: null } | { readonly run: null; readonly problem: string } {
  const wrong = (problem: string) => ({ run: null, problem });
  const ports = draft.ports.filter(({ container, host }) => container.trim() !== '' || host.trim() !== '');
  for (const { container, host } of ports) {
    if (!isPort(container)) return wrong(`"${container}" is no port of the container.`);
    if (!isPort(host)) return wrong(`"${host}" is no port of this machine.`);
  }
  const twice = ports.find(
    (one, at) =>
      ports.findIndex(({ host, protocol }) => host === one.host && protocol === one.protocol) !== at,
  );
  if (twice !== undefined) return wrong(`Port ${twice.host} of this machine is given twice.`);
  const environment = draft.environment.filter(({ name, value }) => name.trim() !== '' || value !== '');
  const nameless = environment.find(({ name }) => name.trim() === '' || name.includes('='));
  if (nameless !== undefined) return wrong('A variable needs a name without "=".');
  const mounts = draft.mounts.filter(({ source, target }) => source.trim() !== '' || target.trim() !== '');
  for (const { source, target } of mounts) {
    if (!/^(\/|[A-Za-z]:[\\/])/.test(source.trim()))
      return wrong('A mount starts at an absolute path of this machine.');
    if (!target.trim().startsWith('/')) return wrong('A mount leads to an absolute path of the container.');
  }
  const words = splitWords(draft.command);
  if (words === null) return wrong('A quote in the command has no end.');
  return {
    problem: null,
    run: {
      ports: ports.map(({ container, protocol, host }) => ({
        container: Number(container),
        protocol,
        host: Number(host),
      })),
      environment: environment.map(({ name, value }) => ({ name: name.trim(), value })),
      mounts: mounts.map(({ source, target, readOnly }) => ({
        source: source.trim(),
        target: target.trim(),
        readOnly,
      })),
      command: words.length === 0 ? null : words,
    },
  };
}

const isPort = (text: string): boolean =>
  /^\d{1,5}$/.test(text.trim()) && Number(text) > 0 && Number(text) < 65_536;

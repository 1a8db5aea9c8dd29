import type { ForwardView, ForwardsSnapshot } from '../../../preload/contract/index.ts';
import { PtahError } from '../../engine/errors/index.ts';
import { lastingEngine, runningEngine } from './background-engine.ts';
import type { EngineClient } from './background-engine.ts';
import type { Command, CommandInput, Terminal } from './command.ts';
import { print, table } from './output.ts';

/** `ptah forward`: every declared port of the project on this machine, until `--kill`. */
export const forward: Command = {
  name: 'forward',
  summary: 'Forward every port of the project, and the API of the cluster, in the background',
  synopsis: '',
  options: { kill: { type: 'boolean' }, 'no-kill': { type: 'boolean' } },
  help: ['--kill               Switch them off again'],
  run: (input, terminal) =>
    input.options.kill === true ? kill(input, terminal) : startForwards(input, terminal),
};

/** Also what `ptah deploy --forward` ends with. */
export async function startForwards(input: CommandInput, terminal: Terminal): Promise<number> {
  const client = await lastingEngine(terminal);
  try {
    const projectId = await useProject(client, input.directory);
    const snapshot = await client.request('forwards.startAll', { projectId }, { signal: terminal.signal });
    const afterDeploy = input.options.forward === true;
    // what a script reads is one document: the deploy's
    if (afterDeploy && input.format !== 'text') terminal.err(forwardsText(snapshot));
    else await print(terminal, snapshot, input.format, () => forwardsText(snapshot));
    const { forwards, api } = snapshot;
    return [api, ...forwards].some(({ state }) => state === 'failed' || state === 'taken') ? 1 : 0;
  } finally {
    client.close();
  }
}

async function kill(input: CommandInput, terminal: Terminal): Promise<number> {
  const client = await runningEngine(terminal);
  if (!client) {
    terminal.out('Nothing is forwarded.\n');
    return 0;
  }
  try {
    const projectId = await useProject(client, input.directory);
    const { stopped } = await client.request('forwards.stopAll', { projectId });
    terminal.out(stopped === 0 ? 'Nothing is forwarded.\n' : `${count(stopped)} switched off.\n`);
    return 0;
  } finally {
    client.close();
  }
}

/** The project at or above the folder, in the list of the engine that the terminal is attached to. */
export async function useProject(client: EngineClient, directory: string): Promise<string> {
  const { findProjectRoot } = await import('../../engine/project/index.ts');
  const root = findProjectRoot(directory);
  if (root === null)
    throw new PtahError('project-not-found', `Neither ${directory} nor a folder above it holds a ptah.yml.`, {
      hint: 'Go to the folder of the project, or name it with --project.',
    });
  const opened = await client.request('projects.open', { path: root, asNew: true });
  if (opened.result === 'opened') return opened.project.id;
  throw new PtahError('project-not-found', `${root} can't be opened.`);
}

/** Address and target under each other, then what is to be known of them. */
export function forwardsText({ forwards, api }: ForwardsSnapshot): string {
  const on = forwards.filter(each => each.on);
  const rows = [
    ...on.map(each => [each.address, targetOf(each), stateOf(each)]),
    ...(api.on ? [[api.address, 'the API of the cluster', api.state === 'active' ? '' : api.state]] : []),
  ];
  const notes = [
    ...on.flatMap(({ message, localPort, state }) =>
      message === null ? [] : [state === 'active' ? `${message} It is ${localPort} instead.` : message],
    ),
    ...(api.message === null ? [] : [api.message]),
  ];
  const nothing = on.length === 0 ? 'No workload of the project declares a port: deploy first.\n' : '';
  return `${nothing}${table(rows)}${notes.map(note => `${note}\n`).join('')}`;
}

const targetOf = ({ target: { kind, namespace, name }, port, podPort }: ForwardView): string =>
  `${kind.toLowerCase()}/${name}${namespace === 'default' ? '' : ` (${namespace})`}  ${podPort !== null && podPort !== port ? `${port}=${podPort}` : port}`;

const stateOf = ({ state }: ForwardView): string => (state === 'active' ? '' : state);

const count = (forwards: number): string => (forwards === 1 ? '1 forward' : `${forwards} forwards`);

import { UsageError, type Command, type CommandInput, type Terminal } from './command.ts';
import { runSync } from './run-sync.ts';
import { eventsOption } from './report.ts';
import { withJobEngine } from './with-engine.ts';

/** `ptah sync`: the containers kept equal to the folder for as long as it runs. */
export const sync: Command = {
  name: 'sync',
  summary: 'Keep the running containers equal to the folder, until Ctrl+C',
  synopsis: '',
  options: {
    ...eventsOption,
    image: { type: 'string', multiple: true },
    once: { type: 'boolean' },
    verify: { type: 'boolean' },
  },
  help: [
    '--image NAME         Only containers of this image; may be given several times',
    '--once               End as soon as they are equal: exit code 1 where they can’t be made so',
    '--verify             Read the bytes in the containers once they are equal, and compare them',
    '--events             What is done, one JSON document a line',
  ],
  run: (input, terminal) =>
    withJobEngine(terminal, async engine => {
      const { id } = await engine.use(input.directory);
      return runSync(engine, id, syncOptions(input), terminal);
    }),
};

function syncOptions({ options }: CommandInput): Parameters<typeof runSync>[2] {
  const images: unknown = options.image ?? [];
  const names = (Array.isArray(images) ? images : [images]).map(String);
  if (names.includes('')) throw new UsageError('--image needs a name');
  return {
    images: names,
    once: options.once === true,
    verify: options.verify === true,
    events: options.events === true,
  };
}

/** What `ptah deploy --sync` goes on with. */
export function syncAfterDeploy(
  engine: Parameters<typeof runSync>[0],
  projectId: string,
  input: CommandInput,
  terminal: Terminal,
): Promise<number> {
  const options = { images: [], once: false, verify: false, events: input.options.events === true };
  return runSync(engine, projectId, options, terminal);
}

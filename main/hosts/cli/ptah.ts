import { resolve } from 'node:path';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { isAbort } from '../../engine/errors/index.ts';
import { commands } from './commands.ts';
import {
  UsageError,
  startFolder,
  type Command,
  type CommandInput,
  type OutputFormat,
  type Terminal,
} from './command.ts';
import { printError, printFailed } from './output.ts';
import { readVersion } from './version.ts';

const shared: ParseArgsOptionsConfig = {
  output: { type: 'string', short: 'o' },
  project: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
};

/** The terminal program: 0 when all went well, 1 when something failed, 2 when it was called wrongly. */
export async function ptah(args: readonly string[], terminal: Terminal): Promise<number> {
  const argv = commandFirst(args);
  try {
    return await dispatch(argv, terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(`ptah: ${error.message}\n\n${usage(commandOf(argv))}`);
      return 2;
    }
    if (terminal.signal.aborted && isAbort(error)) terminal.err('Cancelled.\n');
    else printError(terminal, error);
    return 1;
  }
}

async function dispatch(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [name] = argv;
  if (name === '--version' || name === '-V') {
    terminal.out(`${readVersion()}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const about = name === 'help' ? commands.find(command => command.name === argv[1]) : undefined;
    (name === undefined ? terminal.err : terminal.out)(usage(about));
    return name === undefined ? 2 : 0;
  }
  const command = commandOf(argv);
  if (!command)
    throw new UsageError(name.startsWith('-') ? `unknown option ${name}` : `unknown command ${name}`);
  const parsed = parse(command, argv.slice(1));
  if (parsed.values.help) {
    terminal.out(usage(command));
    return 0;
  }
  const input = inputOf(command, parsed, terminal);
  try {
    return await command.run(input, terminal);
  } catch (error) {
    if (!(error instanceof UsageError)) await printFailed(command, input, error, terminal);
    throw error;
  }
}

/** `ptah --project DIR images` is `ptah images --project DIR`. */
function commandFirst(args: readonly string[]): readonly string[] {
  let at = 0;
  while (at < args.length) {
    const word = args[at] ?? '';
    if (/^(?:--project|--output|-o)$/.test(word)) at += 2;
    else if (/^(?:--(?:project|output)=|-o.)/.test(word)) at += 1;
    else break;
  }
  const command = args[at];
  return command === undefined ? args : [command, ...args.slice(0, at), ...args.slice(at + 1)];
}

const commandOf = (argv: readonly string[]): Command | undefined =>
  commands.find(({ name }) => name === argv[0]);

function parse(command: Command, argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: { ...shared, ...command.options },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function inputOf(command: Command, parsed: ReturnType<typeof parse>, terminal: Terminal): CommandInput {
  const [least, most] = command.takes ?? [0, 0];
  const given = parsed.positionals;
  if (given.length < least) throw new UsageError(`${command.name} needs an argument: ${command.synopsis}`);
  if (given.length > most) throw new UsageError(`${command.name} does not take ${given[most]}`);
  const options = parsed.values as CommandInput['options'];
  const base = startFolder(terminal);
  return {
    options,
    arguments: given,
    format: formatOf(options.output, command.defaultFormat ?? 'text'),
    directory: typeof options.project === 'string' ? resolve(base, options.project) : base,
  };
}

function formatOf(given: string | boolean | undefined, fallback: OutputFormat): OutputFormat {
  if (given === undefined) return fallback;
  if (given === 'json' || given === 'yaml' || given === 'text') return given;
  throw new UsageError(`--output is json, yaml or text, not ${given}`);
}

function usage(command?: Command): string {
  if (command)
    return [
      `Usage: ptah ${command.name}${command.synopsis ? ` ${command.synopsis}` : ''}`,
      '',
      command.summary,
      '',
      ...[...command.help, ...sharedHelp].map(line => `  ${line}`),
      '',
    ].join('\n');
  const shown = commands.filter(({ hidden }) => !hidden);
  const width = Math.max(...shown.map(({ name }) => name.length));
  return [
    'Usage: ptah COMMAND [OPTIONS]',
    '',
    ...shown.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    ...sharedHelp.map(line => `  ${line}`),
    '  --version            The version',
    '',
    '`ptah COMMAND --help` says more. Exit code: 0 done, 1 failed, 2 wrong use.',
    '',
  ].join('\n');
}

const sharedHelp = [
  '--project DIR        The project, default: here or the nearest parent with a ptah.yml',
  '-o, --output FORMAT  json, yaml or text',
];

import { PtahError } from '../../engine/errors/index.ts';

export interface LoopbackProgramOptions {
  readonly json: boolean;
  /** 0 for any free one. */
  readonly port: number;
}

/** `--json` prints the address as a JSON line; `--print-url`, the default, as a sentence. */
export function readOptions(argv: readonly string[], env: NodeJS.ProcessEnv): LoopbackProgramOptions {
  const unknown = argv.find(word => word !== '--json' && word !== '--print-url');
  if (unknown !== undefined) {
    throw new PtahError('wrong-use', `Unknown option ${unknown}.`, { hint: 'Known: --json, --print-url.' });
  }
  const text = env.PTAH_PORT ?? '';
  const port = text === '' ? 0 : Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new PtahError('wrong-use', `PTAH_PORT is ${JSON.stringify(text)}, which is no port.`, {
      hint: 'A port is a whole number from 1 to 65535; leave it out for any free one.',
    });
  }
  return { json: argv.includes('--json'), port };
}

/** A server of the page has no place in what people install: there the window is Electron's. */
export function isPackaged(
  folder: string = import.meta.dirname,
  versions: { readonly electron?: string } = process.versions,
): boolean {
  return versions.electron !== undefined || /\.asar([\\/]|$)/.test(folder);
}

import { resolve } from 'node:path';
import { startFolder, type Command } from './command.ts';
import { print, printError } from './output.ts';

/** `ptah hash`: the original's hash of any folder. Needs no project. */
export const hash: Command = {
  name: 'hash',
  summary: 'Print the hash that a tag is made of, for any folder',
  synopsis: '[--algorithm A] DIR…',
  options: { algorithm: { type: 'string' } },
  help: ['--algorithm A        As `tag_algorithm` in ptah.yml, default md5'],
  takes: [1, Number.POSITIVE_INFINITY],
  async run({ options, arguments: folders, format }, terminal) {
    const { compatibleHash } = await import('../../engine/content/index.ts');
    const algorithm = typeof options.algorithm === 'string' ? options.algorithm : 'md5';
    const results: { readonly hash: string; readonly directory: string; readonly algorithm: string }[] = [];
    let failed = false;
    for (const directory of folders)
      try {
        const { hash } = await compatibleHash(resolve(startFolder(terminal), directory), {
          algorithm,
          signal: terminal.signal,
        });
        results.push({ hash, directory, algorithm });
        if (format === 'text') terminal.out(`${hash}  ${directory}\n`);
      } catch (error) {
        terminal.signal.throwIfAborted();
        failed = true;
        printError(terminal, error);
      }
    if (format !== 'text') await print(terminal, results, format, () => '');
    return failed ? 1 : 0;
  },
};

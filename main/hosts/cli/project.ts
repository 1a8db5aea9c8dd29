import type { Command } from './command.ts';
import { hasErrors, print, printError, printProblems, table } from './output.ts';

/** `ptah project`: the effective configuration, defaults filled in, under the file's own keys. */
export const project: Command = {
  name: 'project',
  summary: 'Print the effective configuration, defaults filled in',
  synopsis: '',
  options: {},
  help: [],
  defaultFormat: 'yaml',
  async run({ directory, format }, terminal) {
    const { openProject, toPtahKeys, toPtahYaml } = await import('../../engine/project/index.ts');
    try {
      const { config, problems } = await openProject(directory, {
        env: terminal.env,
        signal: terminal.signal,
      });
      if (format === 'yaml') terminal.out(toPtahYaml(config));
      else await print(terminal, toPtahKeys(config), format, () => table(rowsOf(toPtahKeys(config))));
      printProblems(terminal, problems);
      return hasErrors(problems) ? 1 : 0;
    } catch (error) {
      terminal.signal.throwIfAborted();
      // whoever reads JSON gets JSON
      if (format === 'json') terminal.out('{}\n');
      printError(terminal, error);
      return 1;
    }
  },
};

function rowsOf(value: unknown, path = ''): string[][] {
  if (typeof value !== 'object' || value === null)
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, below]) => rowsOf(below, path ? `${path}.${key}` : key));
}

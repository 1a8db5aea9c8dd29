import type { ManifestSet } from '../../engine/manifests/index.ts';
import type { Command } from './command.ts';
import { hasErrors, print, printError, printProblems, table } from './output.ts';

/** `ptah manifests`: every manifest before and after rewriting. Needs neither Docker nor a cluster. */
export const manifests: Command = {
  name: 'manifests',
  summary: 'Show the manifests with every ptah:// rewritten',
  synopsis: '',
  options: {},
  help: [],
  async run({ directory, format }, terminal) {
    const [{ openProject }, { describeImages }, { readManifests }] = await Promise.all([
      import('../../engine/project/index.ts'),
      import('../../engine/images/index.ts'),
      import('../../engine/manifests/index.ts'),
    ]);
    try {
      const { signal } = terminal;
      const project = await openProject(directory, { env: terminal.env, signal });
      const images = await describeImages(project, { signal });
      const set = await readManifests(project, images);
      await print(terminal, set.manifests.map(row), format, () => text(set));
      // what is wrong with an image matters here only as far as a manifest needs it
      const problems = [...project.problems, ...set.problems];
      printProblems(terminal, problems);
      return hasErrors(problems) ? 1 : 0;
    } catch (error) {
      terminal.signal.throwIfAborted();
      if (format !== 'text') await print(terminal, [], format, () => '');
      printError(terminal, error);
      return 1;
    }
  },
};

function row({ path, source, rewritten, references }: ManifestSet['manifests'][number]) {
  return {
    path,
    source,
    rewritten,
    references: references.map(({ line, column, name, reference }) => ({ line, column, name, reference })),
  };
}

const text = ({ manifests, objects, skipped }: ManifestSet) =>
  table([
    ['MANIFEST', 'REWRITES'],
    ...manifests.map(({ path, references }) => [
      path,
      references
        .map(({ line, column, name, reference }) => `${line}:${column} ${name} → ${reference ?? '?'}`)
        .join(', '),
    ]),
  ]) +
  `${objects.length} object${objects.length === 1 ? '' : 's'}\n` +
  skipped.map(({ file, line, reason }) => `skipped ${file}:${line}: ${reason}\n`).join('');

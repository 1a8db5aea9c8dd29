import type { ImageDescription } from '../../engine/images/index.ts';
import type { Command } from './command.ts';
import { hasErrors, print, printError, printProblems, table } from './output.ts';

/** `ptah images`: every image that the folder describes. Needs neither Docker nor a cluster. */
export const images: Command = {
  name: 'images',
  summary: 'List the images of the project with their tags',
  synopsis: '',
  options: {},
  help: [],
  async run({ directory, format }, terminal) {
    const [{ openProject }, { describeImages }] = await Promise.all([
      import('../../engine/project/index.ts'),
      import('../../engine/images/index.ts'),
    ]);
    try {
      const { signal } = terminal;
      const project = await openProject(directory, { env: terminal.env, signal });
      const found = await describeImages(project, { signal });
      await print(terminal, found.map(row), format, () => text(found));
      const problems = [...project.problems, ...found.flatMap(image => image.problems)];
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

function row(image: ImageDescription) {
  const { name, dockerfile, context, tag, reference, hash, digest, algorithm, copies, problems } = image;
  return {
    name,
    dockerfile,
    context,
    tag,
    reference,
    hash,
    digest,
    algorithm,
    copies: copies.map(({ source, target }) => ({ source, target })),
    problems: problems.map(({ code, message, line, column }) => ({ code, message, line, column })),
  };
}

const text = (found: readonly ImageDescription[]) =>
  found.length === 0
    ? 'No Dockerfile matches `dockerfiles` of ptah.yml.\n'
    : table([
        ['NAME', 'REFERENCE', 'DOCKERFILE', 'COPIES'],
        ...found.map(({ name, reference, tag, dockerfile, copies }) => [
          name,
          tag ? reference : '(no tag)',
          dockerfile,
          copies.map(({ source, target }) => `${source} → ${target}`).join(', '),
        ]),
      ]);

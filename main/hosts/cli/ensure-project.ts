import type { ProjectProposal } from '../../engine/project/index.ts';
import { PtahError } from '../../engine/errors/index.ts';
import type { CommandInput, Terminal } from './command.ts';
import { hasErrors, printProblems } from './output.ts';

/**
 * A folder without a `ptah.yml` is a project, too, once the user agrees to the one that is proposed. Nothing is written
 * unasked: `--yes` says so beforehand, a terminal is asked, and elsewhere it is refused. False when the answer is no.
 */
export async function ensureProject(
  { directory, options }: CommandInput,
  terminal: Terminal,
): Promise<boolean> {
  const { findProjectRoot, proposeProject, writeProposal } = await import('../../engine/project/index.ts');
  if (findProjectRoot(directory) !== null) return true;
  const proposal = await proposeProject(directory);
  terminal.err(proposalText(proposal));
  printProblems(terminal, proposal.problems);
  if (hasErrors(proposal.problems))
    throw new PtahError('project-not-found', `${directory} has no ptah.yml, and none can be proposed.`, {
      hint: 'Mend what is named above, or write a ptah.yml: “kind: {name: NAME}” is enough.',
    });
  if (!options.yes) {
    if (!terminal.interactive)
      throw new PtahError(
        'project-not-found',
        `Neither ${directory} nor a folder above it holds a ptah.yml.`,
        {
          hint: 'With --yes, what is proposed above is written.',
        },
      );
    if (!(await terminal.confirm('Write this?'))) return false;
  }
  await writeProposal(proposal);
  return true;
}

function proposalText({ root, configText, edits, reasons }: ProjectProposal): string {
  const indented = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map(line => `  ${line}\n`)
      .join('');
  return [
    `${root} has no ptah.yml. Proposed:\n\nptah.yml\n`,
    indented(configText),
    ...edits.map(
      ({ file, line, before, after, reason }) =>
        `\n${file}:${line} (${reason})\n  - ${before.trim()}\n  + ${after.trim()}\n`,
    ),
    ...(reasons.length > 0 ? ['\n', ...reasons.map(reason => `${reason}\n`)] : []),
    '\n',
  ].join('');
}

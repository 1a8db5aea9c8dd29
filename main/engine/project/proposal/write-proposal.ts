import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { PtahError } from '../../errors/index.ts';
import { CONFIG_FILE } from '../config/defaults.ts';
import { readConfig } from '../config/read-config.ts';
import { replaceFile } from '../replace-file.ts';
import type { ProjectProposal, ProposedEdit } from '../types.ts';
import { makeProposal } from './propose-project.ts';
import type { PlacedEdit } from './propose-project.ts';

/**
 * Writes a proposal that the user agreed to: `ptah.yml` as given, and those edits that are in it. The folder is looked at again first, and
 * nothing is written when it no longer is what was agreed to. When writing fails, what was written is put back.
 */
export async function writeProposal(proposal: ProjectProposal): Promise<void> {
  const current = await makeProposal(proposal.root);
  const wanted = proposal.edits.map(
    edit => current.edits.find(other => isSame(edit, other)) ?? outdated(edit),
  );
  readConfig(proposal.configText);
  const texts = [...Map.groupBy(wanted, ({ file }) => file)].map(([file, edits]) => {
    const original = current.originals.get(file) ?? '';
    return { path: realpathSync(join(current.root, file)), original, text: applyEdits(original, edits) };
  });
  const configFile = join(current.root, CONFIG_FILE);
  if (existsSync(configFile)) throw outdatedError(`${CONFIG_FILE} is there now`, CONFIG_FILE);
  const written: typeof texts = [];
  try {
    for (const file of texts) {
      written.push(file);
      await replaceFile(file.path, file.text, { expected: file.original });
    }
    // Last, for it is what makes the folder a project.
    await replaceFile(configFile, proposal.configText, { expected: null });
  } catch (error) {
    for (const file of written)
      await replaceFile(file.path, file.original, { expected: file.text }).catch(() => undefined);
    throw error;
  }
}

/** The text with the edits made, every other byte kept. */
export function applyEdits(text: string, edits: readonly PlacedEdit[]): string {
  const backwards = [...edits].sort((left, right) => right.start - left.start);
  return backwards.reduce(
    (current, { start, end, text: replacement }) =>
      current.slice(0, start) + replacement + current.slice(end),
    text,
  );
}

function isSame(edit: ProposedEdit, other: ProposedEdit): boolean {
  return (
    edit.file === other.file &&
    edit.line === other.line &&
    edit.before === other.before &&
    edit.after === other.after &&
    (edit.column === undefined || edit.column === other.column)
  );
}

function outdated(edit: ProposedEdit): never {
  throw outdatedError(
    `line ${edit.line} of ${edit.file} is no longer “${edit.before}”`,
    edit.file,
    edit.line,
  );
}

function outdatedError(what: string, file: string, line?: number): PtahError {
  return new PtahError('proposal-outdated', `The folder has changed since this was proposed: ${what}.`, {
    hint: 'Look at the new proposal.',
    details: { file, line },
  });
}

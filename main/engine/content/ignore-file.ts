import { readFileSync } from 'node:fs';
import { PtahError } from '../errors/index.ts';
import { parseIgnorePattern } from './ignore-pattern.ts';
import type { IgnorePattern } from './ignore-pattern.ts';
import { splitLines, stripEnd } from './python-text.ts';

/** Which files take part in a hash. */
export interface FileSelection {
  includesFile(path: string): boolean;
  /** Whether nothing below this directory can take part. */
  excludesAllBelow(path: string): boolean;
}

/** Nothing is ignored. */
export const EVERYTHING: FileSelection = { includesFile: () => true, excludesAllBelow: () => false };

/** Text of the `.dockerignore` of a context, null where there is none (a dangling or looping link counts as none). */
export function readIgnoreFile(path: string): string | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR') return null;
    if (code === 'EISDIR') {
      throw new PtahError('is-a-directory', `${path} is a directory, not a file.`, {
        hint: 'Rename the directory: Docker and Ptah read a file of this name.',
        details: { file: path },
        cause: error,
      });
    }
    throw new PtahError('unreadable', `${path} can't be read: ${(error as Error).message}`, {
      details: { file: path },
      cause: error,
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new PtahError('undecodable-text', `${path} is not UTF-8 text.`, {
      hint: 'Save the file as UTF-8.',
      details: { file: path },
      cause: error,
    });
  }
}

/** The selection as the original makes it: every line excludes, nothing is ever re-included. */
export function selectAsOriginal(text: string | null): FileSelection {
  if (text === null) return EVERYTHING;
  const lines = splitLines(text);
  // Blank lines are no lines (the original stops at them), so a file of nothing else excludes nothing at all.
  const patterns: IgnorePattern[] = [];
  let anyLine = false;
  for (const [index, line] of lines.entries()) {
    if (isBlank(line)) continue;
    anyLine = true;
    const pattern = parseIgnorePattern(line, index + 1);
    if (pattern !== null) patterns.push(pattern);
  }
  if (!anyLine) return EVERYTHING;
  return {
    // With any line, the original's implicit `*` becomes the expression `.`: a path of nothing but newlines leaves the hash.
    includesFile: path => /[^\n]/.test(path) && !patterns.some(pattern => pattern.excludesFile(path)),
    excludesAllBelow: path => patterns.some(pattern => pattern.excludesAllBelow(path)),
  };
}

function isBlank(line: string): boolean {
  return stripEnd(line) === '';
}

import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { listFiles, outputDirectory, refuseForeign, type OutputProject } from './write-build-output.ts';

export interface BuildOutputContent {
  /** Absolute. */
  readonly directory: string;
  readonly files: number;
  readonly bytes: number;
}

/** What lies in `build_output`, null where there is nothing. Throws where the folder is not ours to empty, as writing would. */
export async function inspectBuildOutput(project: OutputProject): Promise<BuildOutputContent | null> {
  const directory = await outputDirectory(project);
  const files = await listFiles(directory);
  if (files === null) return null;
  await refuseForeign(project, directory, files, new Map());
  const sizes = await Promise.all(files.map(async file => (await lstat(join(directory, file))).size));
  return { directory, files: files.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

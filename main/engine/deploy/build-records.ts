import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Home } from '../home/index.ts';
import type { ImageDescription } from '../images/index.ts';

/** What an image was last built from, besides the files of its context. */
export interface BuildRecord {
  readonly digest: string;
  readonly reference: string;
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
  readonly target: string | null;
  readonly network: string | null;
  /** Digests of the project images below it, by name. */
  readonly bases: Readonly<Record<string, string>>;
}

type Records = Readonly<Record<string, BuildRecord>>;

/** The last build of each image of a project, by name. Gives words to a reason and nothing else: losing it costs a sentence. */
export async function readBuildRecords(home: Pick<Home, 'cache'>, project: string): Promise<Records> {
  try {
    const parsed: unknown = JSON.parse(await readFile(fileOf(home, project), 'utf8'));
    if (typeof parsed !== 'object' || parsed === null) return {};
    return Object.fromEntries(
      Object.entries(parsed).filter((entry): entry is [string, BuildRecord] => isRecord(entry[1])),
    );
  } catch {
    return {};
  }
}

/** Notes that `image` was just built. */
export async function writeBuildRecord(
  home: Pick<Home, 'cache'>,
  project: string,
  image: ImageDescription,
  all: readonly ImageDescription[],
): Promise<void> {
  const names = new Set(image.dependsOn.map(dependency => dependency.image));
  const record: BuildRecord = {
    digest: image.digest,
    reference: image.reference,
    dockerfile: image.dockerfile,
    args: image.args,
    target: image.target,
    network: image.network,
    bases: Object.fromEntries(
      all.filter(({ name }) => names.has(name)).map(({ name, digest }) => [name, digest]),
    ),
  };
  const file = fileOf(home, project);
  const add = async () => {
    const records = { ...(await readBuildRecords(home, project)), [image.name]: record };
    await mkdir(join(home.cache, 'builds'), { recursive: true });
    try {
      await writeFile(`${file}.tmp`, JSON.stringify(records));
      await rename(`${file}.tmp`, file);
    } catch {
      // a full disk costs the reason of the next build, and gets nothing half-written
      await rm(`${file}.tmp`, { force: true });
    }
  };
  const quiet = (writing.get(file) ?? Promise.resolve()).then(add).catch(() => {});
  writing.set(file, quiet);
  await quiet;
}

/** Builds run side by side, and each adds to the same file. */
const writing = new Map<string, Promise<void>>();

function fileOf(home: Pick<Home, 'cache'>, project: string): string {
  const key = createHash('sha256').update(project).digest('hex').slice(0, 16);
  return join(home.cache, 'builds', `${key}.json`);
}

function isRecord(value: unknown): value is BuildRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'digest' in value &&
    typeof value.digest === 'string' &&
    'bases' in value &&
    'args' in value
  );
}

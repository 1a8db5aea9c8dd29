import { readdirSync, statSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { join } from 'node:path';
import type { Problem } from '../errors/index.ts';
import { PtahError } from '../errors/index.ts';
import type { CompiledPattern, Deadline } from './pattern/compile-pattern.ts';
import { imageName } from './image-name.ts';
import type { DockerfileMatch } from './types.ts';

/** Never searched: what is in them belongs to tools, not to the project. */
export const UNSEARCHED: ReadonlySet<string> = new Set(['.git', 'node_modules', '.venv', '.ptah']);

export interface DiscoveryRequest {
  /** Absolute, links resolved. */
  readonly root: string;
  /** The name that a root-level Dockerfile without a name group gets. */
  readonly rootName: string;
  readonly dockerfiles: CompiledPattern | null;
  readonly manifests: CompiledPattern | null;
  /** Absolute paths that are not searched either (`build_output`). */
  readonly exclude: readonly string[];
  readonly deadline: Deadline;
  readonly signal?: AbortSignal;
}

export interface Discovery {
  readonly dockerfiles: readonly DockerfileMatch[];
  readonly manifests: readonly string[];
  readonly problems: readonly Problem[];
}

/** Every path below the root against both patterns; linked folders are looked at but not entered, as in the original. */
export async function discover(request: DiscoveryRequest): Promise<Discovery> {
  const search = new Search(request);
  await search.walk();
  return search.result();
}

const FOLDERS_PER_TURN = 50;

class Search {
  readonly #request: DiscoveryRequest;
  readonly #dockerfiles: DockerfileMatch[] = [];
  readonly #manifests: string[] = [];
  readonly #problems: Problem[] = [];
  readonly #exclude: ReadonlySet<string>;
  #dockerfilePattern: CompiledPattern | null;
  #manifestPattern: CompiledPattern | null;

  constructor(request: DiscoveryRequest) {
    this.#request = request;
    this.#exclude = new Set(request.exclude);
    this.#dockerfilePattern = request.dockerfiles;
    this.#manifestPattern = request.manifests;
  }

  async walk(): Promise<void> {
    const pending = [''];
    let folders = 0;
    for (let relative = pending.pop(); relative !== undefined; relative = pending.pop()) {
      for (const entry of this.#list(relative)) {
        const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
        if (
          entry.isDirectory() &&
          (UNSEARCHED.has(entry.name) || this.#exclude.has(join(this.#request.root, path)))
        )
          continue;
        this.#look(path, entry);
        if (entry.isDirectory()) pending.push(path);
      }
      if (++folders % FOLDERS_PER_TURN === 0) {
        this.#request.signal?.throwIfAborted();
        await setImmediate();
      }
    }
  }

  result(): Discovery {
    const byPath = (left: string, right: string): number =>
      Buffer.compare(Buffer.from(left), Buffer.from(right));
    return {
      dockerfiles: this.#dockerfiles.sort((left, right) => byPath(left.dockerfile, right.dockerfile)),
      manifests: this.#manifests.sort(byPath),
      problems: this.#problems.sort((left, right) => byPath(left.file ?? '', right.file ?? '')),
    };
  }

  #list(relative: string): Dirent[] {
    try {
      return readdirSync(join(this.#request.root, relative), { withFileTypes: true });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      // Gone since it was listed: then there is nothing to find.
      if (relative === '' || (code !== 'ENOENT' && code !== 'ENOTDIR')) {
        this.#problem(
          'folder-unreadable',
          'warning',
          relative === '' ? '.' : relative,
          `The folder can't be searched: ${(error as Error).message}.`,
          'Check its permissions.',
        );
      }
      return [];
    }
  }

  #look(path: string, entry: Dirent): void {
    try {
      const match = this.#dockerfilePattern?.search(path, this.#request.deadline) ?? null;
      if (match !== null) this.#foundDockerfile(path, entry, match.groups.name ?? '');
    } catch (error) {
      this.#dockerfilePattern = null;
      this.#givenUp('dockerfiles', error);
    }
    try {
      if (this.#manifestPattern?.match(entry.name, this.#request.deadline)) this.#foundManifest(path, entry);
    } catch (error) {
      this.#manifestPattern = null;
      this.#givenUp('manifests', error);
    }
  }

  #foundDockerfile(path: string, entry: Dirent, group: string): void {
    const slash = path.lastIndexOf('/');
    const context = slash === -1 ? '.' : path.slice(0, slash);
    this.#dockerfiles.push({
      name: imageName(path, group, this.#request.rootName),
      dockerfile: path,
      context,
    });
    const kind = this.#kind(path, entry);
    if (kind === 'missing')
      this.#problem(
        'dockerfile-missing',
        'error',
        path,
        'The link leads nowhere.',
        'Correct the link, or remove it.',
      );
    if (kind === 'directory') {
      this.#problem(
        'is-a-directory',
        'error',
        path,
        'The pattern “dockerfiles” matches this folder; a Dockerfile is a file.',
        'Make the pattern more exact, for example with “$” at its end.',
      );
    }
  }

  #foundManifest(path: string, entry: Dirent): void {
    const kind = this.#kind(path, entry);
    if (kind === 'file') this.#manifests.push(path);
    else if (kind === 'missing')
      this.#problem(
        'manifest-missing',
        'error',
        path,
        'The link leads nowhere.',
        'Correct the link, or remove it.',
      );
    else
      this.#problem(
        'is-a-directory',
        'warning',
        path,
        'The pattern “manifests” matches this folder; it is left out.',
        'Make the pattern more exact, for example with “$” at its end.',
      );
  }

  #kind(path: string, entry: Dirent): 'file' | 'directory' | 'missing' {
    if (entry.isDirectory()) return 'directory';
    if (!entry.isSymbolicLink()) return 'file';
    try {
      return statSync(join(this.#request.root, path)).isDirectory() ? 'directory' : 'file';
    } catch {
      return 'missing';
    }
  }

  #givenUp(key: string, error: unknown): void {
    if (!(error instanceof PtahError)) throw error;
    this.#problems.push({
      code: error.code,
      severity: 'error',
      message: `${key}: ${error.message}`,
      hint: error.hint,
      file: `ptah.yml#${key}`,
    });
  }

  #problem(code: string, severity: Problem['severity'], file: string, message: string, hint: string): void {
    this.#problems.push({ code, severity, file: file.toWellFormed(), message, hint });
  }
}

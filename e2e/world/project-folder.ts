import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testCluster } from './machine.ts';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));

/** A copy of an example that a spec may edit. It goes to the run's own cluster, under a name of its own. */
export class ProjectFolder {
  readonly root: string;
  private readonly parent: string;

  private constructor(parent: string, root: string) {
    this.parent = parent;
    this.root = root;
  }

  /**
   * Copies `examples/<example>` as a folder called `name`, by default below a new temporary one. Unless `ownCluster`,
   * `kind.name` (or the name in the Kind configuration) becomes the run's cluster, so that a run needs two clusters in
   * all and not one per example.
   */
  static async copyOf(
    example: string,
    name = example,
    options: { readonly ownCluster?: boolean; readonly below?: string } = {},
  ): Promise<ProjectFolder> {
    const parent = options.below ?? (await realpath(await mkdtemp(join(tmpdir(), 'ptah-e2e-'))));
    const root = join(parent, name);
    await cp(join(examples, example), root, { recursive: true });
    const folder = new ProjectFolder(parent, root);
    if (options.ownCluster !== true) await folder.useTestCluster();
    return folder;
  }

  /** A folder of a spec's own files, beside a `busybox` for images made from scratch. */
  static async of(name: string, files: Readonly<Record<string, string>>): Promise<ProjectFolder> {
    const parent = await realpath(await mkdtemp(join(tmpdir(), 'ptah-e2e-')));
    const folder = new ProjectFolder(parent, join(parent, name));
    await folder.write(files);
    return folder;
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(this.path(path)), { recursive: true });
      await writeFile(this.path(path), text);
      const busybox = join(dirname(this.path(path)), 'busybox');
      if (basename(path) === 'Dockerfile' && text.includes('busybox')) await cp('/bin/busybox', busybox);
    }
  }

  private async useTestCluster(): Promise<void> {
    for (const file of ['ptah.yml', 'kind.yml', 'kind.yaml'])
      await this.edit(file, text => text.replace(/^(\s*name:\s*)\S+$/m, `$1${testCluster()}`)).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error;
        },
      );
  }

  path(relative: string): string {
    return join(this.root, relative);
  }

  async edit(relative: string, change: (text: string) => string): Promise<void> {
    const before = await readFile(this.path(relative), 'utf8');
    await writeFile(this.path(relative), change(before));
  }

  async remove(): Promise<void> {
    await rm(this.parent, { recursive: true, force: true });
  }
}

import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BuildEvent, BuildRequest } from './types.ts';

/** What a test puts into a build context: a text, bytes, a link, an empty directory, or a file with a mode. */
export type ContextFile =
  | string
  | Uint8Array
  | { readonly link: string }
  | { readonly directory: true }
  | { readonly text: string; readonly mode: number };

export interface TestContext {
  readonly dir: string;
  write(files: Readonly<Record<string, ContextFile>>): void;
  remove(): void;
}

/** A static BusyBox, so that a `FROM scratch` image has a shell and `RUN` works where nothing can be pulled. */
const busybox = '/bin/busybox';

export const scratchWithShell =
  'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\n';

export function createTestContext(files: Readonly<Record<string, ContextFile>> = {}): TestContext {
  const dir = mkdtempSync(join(tmpdir(), 'ptah-context-'));
  const write = (more: Readonly<Record<string, ContextFile>>): void => {
    for (const [path, file] of Object.entries(more)) {
      const full = join(dir, path);
      mkdirSync(dirname(full), { recursive: true });
      if (typeof file === 'string' || file instanceof Uint8Array) writeFileSync(full, file);
      else if ('link' in file) symlinkSync(file.link, full);
      else if ('directory' in file) mkdirSync(full);
      else {
        writeFileSync(full, file.text);
        chmodSync(full, file.mode);
      }
    }
  };
  copyFileSync(busybox, join(dir, 'busybox'));
  chmodSync(join(dir, 'busybox'), 0o755);
  write(files);
  return { dir, write, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

export function buildRequest(
  context: TestContext,
  dockerfileText: string,
  more: Partial<BuildRequest> = {},
): BuildRequest {
  return {
    name: 'api',
    reference: 'images-test/api:1',
    project: 'images-test',
    digest: 'd'.repeat(64),
    contextDir: context.dir,
    dockerfile: 'Dockerfile',
    dockerfileText,
    args: {},
    target: null,
    network: null,
    exclude: [],
    ...more,
  };
}

/** All output of a build, or of the steps whose name contains `step`. */
export function outputOf(events: readonly BuildEvent[], step?: string): string {
  const ids = new Set(
    events.flatMap(event =>
      event.type === 'step' && (step === undefined || event.step.name.includes(step)) ? [event.step.id] : [],
    ),
  );
  return events
    .flatMap(event =>
      event.type === 'output' && (step === undefined || ids.has(event.step ?? '')) ? [event.text] : [],
    )
    .join('');
}

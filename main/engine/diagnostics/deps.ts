import type { Docker } from '../docker/index.ts';
import type { Home } from '../home/index.ts';
import type { Settings } from '../settings/index.ts';
import type { Tools } from '../tools/index.ts';

/** What checks look at. Everything that they read of the machine comes through here, so that tests can show them any machine. */
export interface DiagnosticsDeps {
  readonly tools: Tools;
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
  /** Throws where not even the endpoint can be decided. */
  readonly docker: () => Docker;
  readonly settings: () => Promise<Settings>;
  /** Projects that have a Helmfile, by name: only they need helm and helmfile. */
  readonly helmfileProjects: () => Promise<readonly string[]>;
  readonly machine: Machine;
}

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly isRoot: boolean;
  /** Null where there is no such file. */
  readText(path: string): Promise<string | null>;
  exists(path: string): boolean;
  /** Bytes free for us on the disk that holds `path`; null where that can't be asked. */
  freeBytes(path: string): Promise<number | null>;
  readonly memoryBytes: number;
}

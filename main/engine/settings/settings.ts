import { join } from 'node:path';
import { z } from 'zod';
import { PtahError } from '../errors/index.ts';
import type { Problem } from '../errors/index.ts';
import type { Home } from '../home/index.ts';
import { openStoredFile } from './stored-file.ts';
import type { Settings } from './types.ts';

/** What is set where the user has set nothing. */
export const DEFAULT_SETTINGS: Settings = {
  theme: 'system',
  kindNodeImage: null,
  dockerHost: null,
  rolloutTimeoutSeconds: 300,
};

const shape = {
  theme: z.enum(['system', 'light', 'dark', 'contrast']),
  kindNodeImage: z.string().min(1).nullable(),
  dockerHost: z.string().min(1).nullable(),
  rolloutTimeoutSeconds: z.number().int().min(1).max(86_400),
};

/** A file of ours: a key that one version lacks is not the other's loss, so each has its default. */
const Stored: z.ZodType<Settings> = z.object({
  theme: shape.theme.default(DEFAULT_SETTINGS.theme),
  kindNodeImage: shape.kindNodeImage.default(DEFAULT_SETTINGS.kindNodeImage),
  dockerHost: shape.dockerHost.default(DEFAULT_SETTINGS.dockerHost),
  rolloutTimeoutSeconds: shape.rolloutTimeoutSeconds.default(DEFAULT_SETTINGS.rolloutTimeoutSeconds),
});

const Patch = z.strictObject(shape).partial();

/** The user's settings: read from the file each time, so that what another window set is seen. */
export interface SettingsStore {
  get(): Settings;
  /** Sets the given keys and leaves the others. */
  update(patch: Partial<Settings>): Promise<Settings>;
  /** Called after an update here; gives back how to stop. */
  onChange(callback: (settings: Settings) => void): () => void;
  /** What was found wrong with the file. */
  readonly problems: readonly Problem[];
}

/** Opens the settings below `home.config`. */
export function createSettings(home: Pick<Home, 'config'>): SettingsStore {
  const file = openStoredFile<Settings>({
    path: join(home.config, 'settings.json'),
    schema: Stored,
    version: 1,
    empty: DEFAULT_SETTINGS,
  });
  const listeners = new Set<(settings: Settings) => void>();
  return {
    get: () => file.read(),
    async update(patch) {
      const checked = Patch.safeParse(patch);
      if (!checked.success) throw invalid(checked.error.issues);
      const given = Object.fromEntries(
        Object.entries(checked.data).filter(([, value]) => value !== undefined),
      );
      const settings = await file.update(current => ({ ...current, ...given }));
      for (const listener of listeners) listener(settings);
      return settings;
    },
    onChange(callback) {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    get problems() {
      return file.problems;
    },
  };
}

function invalid(issues: readonly z.core.$ZodIssue[]): PtahError {
  const problems: Problem[] = issues.map(issue => ({
    code: 'setting-invalid',
    severity: 'error',
    message: `${issue.path.map(String).join('.') || 'settings'}: ${issue.message}.`,
  }));
  return new PtahError('settings-invalid', problems[0]?.message ?? 'The settings are invalid.', {
    hint: `There are: ${Object.keys(DEFAULT_SETTINGS).join(', ')}.`,
    details: { problems },
  });
}

import type { ProjectConfig } from '../types.ts';

/** The file that makes a folder a project. */
export const CONFIG_FILE = 'ptah.yml';

/** The original's defaults, and none of ours set. */
export const DEFAULTS: ProjectConfig = {
  name: null,
  namespace: null,
  kind: { name: null, config: null },
  apiServer: { port: 8001 },
  ui: { service: 'kubernetes-dashboard', user: 'dashboard-admin' },
  dockerfiles: String.raw`(?i)(?P<name>\w+)[/\\][\w\.]*Dockerfile`,
  manifests: String.raw`^(?!helmfile).*\.yaml`,
  buildOutput: '.build',
  tagAlgorithm: 'md5',
  images: {},
};

/** The keys that each mapping of `ptah.yml` may have. */
export const KEYS = {
  '': [
    'name',
    'namespace',
    'kind',
    'api_server',
    'ui',
    'dockerfiles',
    'manifests',
    'build_output',
    'tag_algorithm',
    'images',
  ],
  kind: ['name', 'config'],
  api_server: ['port'],
  ui: ['service', 'user'],
} as const satisfies Record<string, readonly string[]>;

import { stringify } from 'yaml';
import type { ProjectConfig } from '../types.ts';

/** The configuration under the file's own keys. Ours (`name`, `namespace`, `images`) are there only where they are set. */
export function toPtahKeys(config: ProjectConfig): Record<string, unknown> {
  return {
    ...(config.name === null ? {} : { name: config.name }),
    ...(config.namespace === null ? {} : { namespace: config.namespace }),
    kind: { name: config.kind.name, config: config.kind.config },
    api_server: { port: config.apiServer.port },
    ui: { service: config.ui.service, user: config.ui.user },
    dockerfiles: config.dockerfiles,
    manifests: config.manifests,
    build_output: config.buildOutput,
    tag_algorithm: config.tagAlgorithm,
    ...(Object.keys(config.images).length === 0 ? {} : { images: config.images }),
  };
}

/** The text of a `ptah.yml` that means this configuration. */
export function toPtahYaml(config: ProjectConfig): string {
  // YAML 1.1 decides what is quoted: that is how the file is read.
  return stringify(escaped(toPtahKeys(config)), { version: '1.1', lineWidth: 0 });
}

/** What looks like an interpolation, or like OmegaConf's “missing”, is escaped so that it is read as it stands. */
function escaped(value: unknown): unknown {
  if (typeof value === 'string') {
    if (/^\\*\?\?\?$/.test(value)) return `\\${value}`;
    return value.replaceAll(/(\\*)\$\{/g, (_, slashes: string) => `${slashes}${slashes}\\\${`);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(escaped);
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, escaped(below)]));
}

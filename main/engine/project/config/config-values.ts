import type { Problem } from '../../errors/index.ts';
import { DEFAULTS } from './defaults.ts';
import type { ConfigNode, Place } from './document.ts';
import { interpolate, InterpolationError, isInterpolated } from './interpolation.ts';
import type { InterpolationScope } from './interpolation.ts';
import { integerFromText, textOf } from './yaml-values.ts';
import type { YamlValue } from './yaml-values.ts';

type Leaf = 'text' | 'nullable-text' | 'integer';

/** The values of `ptah.yml` by the dotted paths of their keys, interpolated; what is wrong with one is noted when it is asked for. */
export class ConfigValues {
  readonly problems: Problem[] = [];
  readonly places = new Map<string, Place>();
  readonly #file: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #nodes = new Map<string, ConfigNode>();
  readonly #resolving = new Set<string>();

  constructor(file: string, env: Readonly<Record<string, string | undefined>>) {
    this.#file = file;
    this.#env = env;
  }

  /** Notes a key and what stands there. */
  note(path: string, place: Place, node: ConfigNode): void {
    this.places.set(path, place);
    this.#nodes.set(path, node);
  }

  node(path: string): ConfigNode | undefined {
    return this.#nodes.get(path);
  }

  /** The text of a key without reporting anything. */
  peek(path: string): string | null {
    const before = this.problems.length;
    const value = this.nullable(path);
    const failed = this.problems.length > before;
    this.problems.length = before;
    // What is wrong with the key is reported where it is read; it is not missing.
    return failed ? '?' : value;
  }

  nullable(path: string): string | null {
    const value = this.#value(path, 'nullable-text');
    return value === null || value.type === 'null' ? null : textOf(value);
  }

  text(path: string, fallback: string): string {
    const value = this.#value(path, 'text');
    return value === null || value.type === 'null' ? fallback : textOf(value);
  }

  integer(path: string, fallback: number): number {
    const value = this.#value(path, 'integer');
    return value?.type === 'integer' ? Number(value.value) : fallback;
  }

  /** The value of a leaf, interpolated and converted; null when it is not set. */
  #value(path: string, leaf: Leaf): YamlValue | null {
    const node = this.#nodes.get(path);
    if (node === undefined || isMissing(node)) return null;
    if (node.kind !== 'scalar') {
      this.report('wrong-type', `“${path}” has to be ${DESCRIBED[leaf]}, not a ${node.kind}.`, node.place);
      return null;
    }
    const value = this.#interpolated(path, node.value, node.place);
    return value === null ? null : this.#converted(path, value, leaf, node.place);
  }

  #interpolated(path: string, value: YamlValue, place: Place): YamlValue | null {
    if (value.type !== 'string') return value;
    if (!isInterpolated(value.value)) return { type: 'string', value: unescapeMissing(value.value) };
    try {
      return this.#resolve(path, value.value);
    } catch (error) {
      if (!(error instanceof InterpolationError)) throw error;
      this.report(
        'interpolation',
        `“${path}”: ${error.message}.`,
        place,
        'Write “\\${” for a “${” that is meant as it stands; in a regular expression, “[$]{”.',
      );
      return null;
    }
  }

  #resolve(path: string, text: string): YamlValue {
    if (this.#resolving.has(path)) throw new InterpolationError('the interpolation leads back to itself');
    this.#resolving.add(path);
    try {
      const scope: InterpolationScope = { env: this.#env, lookUp: target => this.#lookUp(target) };
      return interpolate(text, path.split('.').slice(0, -1).join('.'), scope);
    } finally {
      this.#resolving.delete(path);
    }
  }

  #lookUp(path: string): YamlValue | null {
    const node = this.#nodes.get(path);
    if (node === undefined || isMissing(node)) return defaultOf(path);
    if (node.kind !== 'scalar') throw new InterpolationError(`“${path}” is not one value`);
    if (node.value.type === 'string') {
      const text = node.value.value;
      return isInterpolated(text)
        ? this.#resolve(path, text)
        : { type: 'string', value: unescapeMissing(text) };
    }
    // Other keys see the value after it was made what its key holds: text, but for the port.
    return path === 'api_server.port' || node.value.type === 'null'
      ? node.value
      : { type: 'string', value: textOf(node.value) };
  }

  #converted(path: string, value: YamlValue, leaf: Leaf, place: Place): YamlValue | null {
    if (leaf === 'integer') {
      const integer =
        value.type === 'integer'
          ? value.value
          : value.type === 'string'
            ? integerFromText(value.value)
            : null;
      if (integer !== null) return { type: 'integer', value: integer };
      this.report('wrong-type', `“${path}” has to be a whole number, not ${described(value)}.`, place);
      return null;
    }
    if (value.type !== 'null' || leaf === 'nullable-text') return value;
    this.report(
      'wrong-type',
      `“${path}” has to be text, not empty.`,
      place,
      'Leave the key out to get its default.',
    );
    return null;
  }

  report(code: string, message: string, place: Place, hint?: string): void {
    this.problems.push({ code, severity: 'error', message, hint, file: this.#file, ...place });
  }
}

const DESCRIBED: Readonly<Record<Leaf, string>> = {
  text: 'text',
  'nullable-text': 'text',
  integer: 'a whole number',
};

/** OmegaConf's `???` stands for a value that is not there. */
export function isMissing(node: ConfigNode): boolean {
  return node.kind === 'scalar' && node.value.type === 'string' && node.value.value === '???';
}

/** A backslash before `???` says that it is meant as it stands. */
function unescapeMissing(text: string): string {
  return text.replace(/^\\(?=\\*\?\?\?$)/, '');
}

export function isNull(node: ConfigNode): boolean {
  return node.kind === 'scalar' && node.value.type === 'null';
}

function described(value: YamlValue): string {
  return value.type === 'null' ? 'empty' : `“${textOf(value)}”`;
}

function defaultOf(path: string): YamlValue | null {
  const defaults: Readonly<Record<string, string | number | null>> = {
    name: null,
    namespace: null,
    'kind.name': null,
    'kind.config': null,
    'api_server.port': DEFAULTS.apiServer.port,
    'ui.service': DEFAULTS.ui.service,
    'ui.user': DEFAULTS.ui.user,
    dockerfiles: DEFAULTS.dockerfiles,
    manifests: DEFAULTS.manifests,
    build_output: DEFAULTS.buildOutput,
    tag_algorithm: DEFAULTS.tagAlgorithm,
  };
  const value = Object.hasOwn(defaults, path) ? defaults[path] : undefined;
  if (value === undefined) return null;
  if (value === null) return { type: 'null' };
  return typeof value === 'number' ? { type: 'integer', value: BigInt(value) } : { type: 'string', value };
}

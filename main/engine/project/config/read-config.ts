import { PtahError } from '../../errors/index.ts';
import type { Problem } from '../../errors/index.ts';
import type { ImageSettings, ProjectConfig, SyncSettings } from '../types.ts';
import { CONFIG_FILE, DEFAULTS, KEYS } from './defaults.ts';
import { didYouMean } from './did-you-mean.ts';
import { readDocument } from './document.ts';
import type { ConfigNode, Place } from './document.ts';
import { interpolate, InterpolationError, isInterpolated } from './interpolation.ts';
import type { InterpolationScope } from './interpolation.ts';
import { readSyncSettings } from './sync-settings.ts';
import { integerFromText, textOf } from './yaml-values.ts';
import type { YamlValue } from './yaml-values.ts';

/** `ptah.yml` with its defaults, and where each key was written. */
export interface ReadConfig {
  readonly config: ProjectConfig;
  /** The place of a key by its dotted path, else the top of the file. */
  readonly place: (path: string) => Place;
}

const LARGEST = 1 << 20;

/** Reads `ptah.yml`; everything that is wrong with it is in `details.problems` of the one error. */
export function readConfig(
  text: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
  file = CONFIG_FILE,
): ReadConfig {
  if (text.length > LARGEST)
    throw invalid([
      {
        code: 'config-too-large',
        severity: 'error',
        message: `${file} is larger than 1 MiB.`,
        file,
        line: 1,
        column: 1,
      },
    ]);
  const document = readDocument(text, file);
  if (document.problems.length > 0) throw invalid(document.problems);
  const reader = new ConfigReader(file, env);
  const config = reader.read(document.root);
  if (reader.problems.length > 0) throw invalid(reader.problems);
  return { config, place: path => reader.places.get(path) ?? { line: 1, column: 1 } };
}

function invalid(problems: readonly Problem[]): PtahError {
  const [first] = problems;
  const where = first?.line === undefined ? '' : ` (line ${first.line}, column ${first.column ?? 1})`;
  const more =
    problems.length > 1
      ? ` There ${problems.length === 2 ? 'is 1 more problem' : `are ${problems.length - 1} more problems`}.`
      : '';
  return new PtahError('config-invalid', `${first?.message ?? 'ptah.yml is invalid.'}${where}${more}`, {
    hint: first?.hint,
    details: { file: first?.file, line: first?.line, column: first?.column, problems },
  });
}

type Leaf = 'text' | 'nullable-text' | 'integer';

class ConfigReader {
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

  read(root: ConfigNode | null): ProjectConfig {
    if (root !== null && root.kind !== 'mapping') {
      this.#report(
        'not-a-mapping',
        'ptah.yml has to be a mapping of keys to values.',
        root.place,
        `Allowed keys: ${KEYS[''].join(', ')}.`,
      );
      return DEFAULTS;
    }
    if (root !== null) this.#collect('', root);
    this.#requireKind();
    return {
      name: this.#nullable('name'),
      namespace: this.#nullable('namespace'),
      kind: { name: this.#nullable('kind.name'), config: this.#nullable('kind.config') },
      apiServer: { port: this.#integer('api_server.port', DEFAULTS.apiServer.port) },
      ui: {
        service: this.#text('ui.service', DEFAULTS.ui.service),
        user: this.#text('ui.user', DEFAULTS.ui.user),
      },
      dockerfiles: this.#text('dockerfiles', DEFAULTS.dockerfiles),
      manifests: this.#text('manifests', DEFAULTS.manifests),
      buildOutput: this.#text('build_output', DEFAULTS.buildOutput),
      tagAlgorithm: this.#text('tag_algorithm', DEFAULTS.tagAlgorithm),
      images: this.#images(),
    };
  }

  /** Notes every allowed key with its node, and reports the others. */
  #collect(path: keyof typeof KEYS, node: ConfigNode): void {
    if (node.kind !== 'mapping') return;
    const allowed: readonly string[] = KEYS[path];
    for (const { key, keyPlace, value } of node.entries) {
      const below = path === '' ? key : `${path}.${key}`;
      if (!allowed.includes(key)) {
        const near = didYouMean(key, allowed);
        const hint =
          near === null
            ? `Allowed here: ${allowed.join(', ')}.`
            : `Did you mean “${near}”? Allowed here: ${allowed.join(', ')}.`;
        this.#report('unknown-key', `There is no key “${below}” in ptah.yml.`, keyPlace, hint);
        continue;
      }
      this.places.set(below, keyPlace);
      this.#nodes.set(below, value);
      if (below in KEYS) this.#section(below as keyof typeof KEYS, value);
    }
  }

  #section(path: keyof typeof KEYS, node: ConfigNode): void {
    if (node.kind === 'mapping') this.#collect(path, node);
    else if (!isMissing(node)) {
      this.#report(
        'wrong-type',
        `“${path}” has to be a mapping.`,
        node.place,
        `Allowed below “${path}”: ${KEYS[path].join(', ')}.`,
      );
    }
  }

  #requireKind(): void {
    const node = this.#nodes.get('kind');
    if (node === undefined || isMissing(node)) {
      this.#report(
        'missing-key',
        '“kind” is missing.',
        { line: 1, column: 1 },
        'Add “kind: {name: NAME}”, or “kind: {config: FILE}” with a Kind configuration.',
      );
    } else if (
      node.kind === 'mapping' &&
      (this.#peek('kind.name') ?? '') === '' &&
      (this.#peek('kind.config') ?? '') === ''
    ) {
      this.#report(
        'kind-needs-name-or-config',
        '“kind” needs a name or a config.',
        node.place,
        'Set kind.name, or kind.config to a Kind configuration file.',
      );
    }
  }

  /** The text of a key without reporting anything. */
  #peek(path: string): string | null {
    const before = this.problems.length;
    const value = this.#nullable(path);
    const failed = this.problems.length > before;
    this.problems.length = before;
    // What is wrong with the key is reported where it is read; it is not missing.
    return failed ? '?' : value;
  }

  #nullable(path: string): string | null {
    const value = this.#value(path, 'nullable-text');
    return value === null || value.type === 'null' ? null : textOf(value);
  }

  #text(path: string, fallback: string): string {
    const value = this.#value(path, 'text');
    return value === null || value.type === 'null' ? fallback : textOf(value);
  }

  #integer(path: string, fallback: number): number {
    const value = this.#value(path, 'integer');
    return value?.type === 'integer' ? Number(value.value) : fallback;
  }

  /** The value of a leaf, interpolated and converted; null when it is not set. */
  #value(path: string, leaf: Leaf): YamlValue | null {
    const node = this.#nodes.get(path);
    if (node === undefined || isMissing(node)) return null;
    if (node.kind !== 'scalar') {
      this.#report('wrong-type', `“${path}” has to be ${DESCRIBED[leaf]}, not a ${node.kind}.`, node.place);
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
      this.#report(
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
      this.#report('wrong-type', `“${path}” has to be a whole number, not ${described(value)}.`, place);
      return null;
    }
    if (value.type !== 'null' || leaf === 'nullable-text') return value;
    this.#report(
      'wrong-type',
      `“${path}” has to be text, not empty.`,
      place,
      'Leave the key out to get its default.',
    );
    return null;
  }

  #images(): Readonly<Record<string, ImageSettings>> {
    const node = this.#nodes.get('images');
    if (node === undefined || isMissing(node) || isNull(node)) return {};
    if (node.kind !== 'mapping') {
      this.#report(
        'wrong-type',
        '“images” has to be a mapping of image names.',
        node.place,
        'For example “images: {api: {target: dev}}”.',
      );
      return {};
    }
    const images: [string, ImageSettings][] = [];
    for (const { key, keyPlace, value } of node.entries) {
      const path = `images.${key}`;
      this.places.set(path, keyPlace);
      if (value.kind === 'mapping') this.#imageKeys(path, value);
      else if (!isNull(value))
        this.#report(
          'wrong-type',
          `“${path}” has to be a mapping.`,
          value.place,
          `Allowed below “${path}”: ${IMAGE_KEYS.join(', ')}.`,
        );
      images.push([
        key,
        {
          args: this.#imageArguments(path),
          target: this.#nullable(`${path}.target`),
          network: this.#nullable(`${path}.network`),
          ...this.#imageSync(path),
        },
      ]);
    }
    return Object.fromEntries(images);
  }

  #imageKeys(path: string, node: Extract<ConfigNode, { kind: 'mapping' }>): void {
    for (const { key, keyPlace, value } of node.entries) {
      if (IMAGE_KEYS.includes(key)) {
        this.places.set(`${path}.${key}`, keyPlace);
        this.#nodes.set(`${path}.${key}`, value);
        continue;
      }
      const near = didYouMean(key, IMAGE_KEYS);
      const hint = `${near === null ? '' : `Did you mean “${near}”? `}Allowed here: ${IMAGE_KEYS.join(', ')}.`;
      this.#report('unknown-key', `There is no key “${path}.${key}” in ptah.yml.`, keyPlace, hint);
    }
  }

  #imageArguments(path: string): Readonly<Record<string, string>> {
    const node = this.#nodes.get(`${path}.args`);
    if (node === undefined || isNull(node)) return {};
    if (node.kind !== 'mapping') {
      this.#report('wrong-type', `“${path}.args” has to be a mapping of build arguments.`, node.place);
      return {};
    }
    const found: [string, string][] = [];
    for (const { key, keyPlace, value } of node.entries) {
      const below = `${path}.args.${key}`;
      this.places.set(below, keyPlace);
      this.#nodes.set(below, value);
      found.push([key, this.#text(below, '')]);
    }
    return Object.fromEntries(found);
  }

  #imageSync(path: string): { readonly sync?: readonly SyncSettings[] } {
    const node = this.#nodes.get(`${path}.sync`);
    if (node === undefined || isNull(node)) return {};
    const read = readSyncSettings(node, `${path}.sync`);
    for (const { code, message, place, hint } of read.problems) this.#report(code, message, place, hint);
    return { sync: read.settings };
  }

  #report(code: string, message: string, place: Place, hint?: string): void {
    this.problems.push({ code, severity: 'error', message, hint, file: this.#file, ...place });
  }
}

const IMAGE_KEYS: readonly string[] = ['args', 'target', 'network', 'sync'];
const DESCRIBED: Readonly<Record<Leaf, string>> = {
  text: 'text',
  'nullable-text': 'text',
  integer: 'a whole number',
};

/** OmegaConf's `???` stands for a value that is not there. */
function isMissing(node: ConfigNode): boolean {
  return node.kind === 'scalar' && node.value.type === 'string' && node.value.value === '???';
}

/** A backslash before `???` says that it is meant as it stands. */
function unescapeMissing(text: string): string {
  return text.replace(/^\\(?=\\*\?\?\?$)/, '');
}

function isNull(node: ConfigNode): boolean {
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

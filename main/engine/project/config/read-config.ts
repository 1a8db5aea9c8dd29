import { PtahError } from '../../errors/index.ts';
import type { Problem } from '../../errors/index.ts';
import type { ProjectConfig } from '../types.ts';
import { ConfigValues, isMissing } from './config-values.ts';
import { CONFIG_FILE, DEFAULTS, KEYS } from './defaults.ts';
import { didYouMean } from './did-you-mean.ts';
import { readDocument } from './document.ts';
import type { ConfigNode, Place } from './document.ts';
import { readImageSettings } from './image-settings.ts';

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
  const values = new ConfigValues(file, env);
  const config = configOf(values, document.root);
  if (values.problems.length > 0) throw invalid(values.problems);
  return { config, place: path => values.places.get(path) ?? { line: 1, column: 1 } };
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

function configOf(values: ConfigValues, root: ConfigNode | null): ProjectConfig {
  if (root !== null && root.kind !== 'mapping') {
    values.report(
      'not-a-mapping',
      'ptah.yml has to be a mapping of keys to values.',
      root.place,
      `Allowed keys: ${KEYS[''].join(', ')}.`,
    );
    return DEFAULTS;
  }
  if (root !== null) collect(values, '', root);
  requireKind(values);
  return {
    name: values.nullable('name'),
    namespace: values.nullable('namespace'),
    kind: { name: values.nullable('kind.name'), config: values.nullable('kind.config') },
    apiServer: { port: values.integer('api_server.port', DEFAULTS.apiServer.port) },
    ui: {
      service: values.text('ui.service', DEFAULTS.ui.service),
      user: values.text('ui.user', DEFAULTS.ui.user),
    },
    dockerfiles: values.text('dockerfiles', DEFAULTS.dockerfiles),
    manifests: values.text('manifests', DEFAULTS.manifests),
    buildOutput: values.text('build_output', DEFAULTS.buildOutput),
    tagAlgorithm: values.text('tag_algorithm', DEFAULTS.tagAlgorithm),
    images: readImageSettings(values),
  };
}

/** Notes every allowed key with its node, and reports the others. */
function collect(values: ConfigValues, path: keyof typeof KEYS, node: ConfigNode): void {
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
      values.report('unknown-key', `There is no key “${below}” in ptah.yml.`, keyPlace, hint);
      continue;
    }
    values.note(below, keyPlace, value);
    if (below in KEYS) section(values, below as keyof typeof KEYS, value);
  }
}

function section(values: ConfigValues, path: keyof typeof KEYS, node: ConfigNode): void {
  if (node.kind === 'mapping') collect(values, path, node);
  else if (!isMissing(node)) {
    values.report(
      'wrong-type',
      `“${path}” has to be a mapping.`,
      node.place,
      `Allowed below “${path}”: ${KEYS[path].join(', ')}.`,
    );
  }
}

function requireKind(values: ConfigValues): void {
  const node = values.node('kind');
  if (node === undefined || isMissing(node)) {
    values.report(
      'missing-key',
      '“kind” is missing.',
      { line: 1, column: 1 },
      'Add “kind: {name: NAME}”, or “kind: {config: FILE}” with a Kind configuration.',
    );
  } else if (
    node.kind === 'mapping' &&
    (values.peek('kind.name') ?? '') === '' &&
    (values.peek('kind.config') ?? '') === ''
  ) {
    values.report(
      'kind-needs-name-or-config',
      '“kind” needs a name or a config.',
      node.place,
      'Set kind.name, or kind.config to a Kind configuration file.',
    );
  }
}

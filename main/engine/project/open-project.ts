import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TAG_ALGORITHMS } from '../content/index.ts';
import { PtahError } from '../errors/index.ts';
import type { Problem } from '../errors/index.ts';
import { buildOutputPath, buildOutputProblem } from './build-output.ts';
import { chooseCluster } from './cluster-name.ts';
import { CONFIG_FILE } from './config/defaults.ts';
import { didYouMean } from './config/did-you-mean.ts';
import { readConfig } from './config/read-config.ts';
import type { ReadConfig } from './config/read-config.ts';
import { discover } from './discovery.ts';
import { imageNameProblems } from './image-name.ts';
import { compilePattern, deadlineIn } from './pattern/compile-pattern.ts';
import type { CompiledPattern } from './pattern/compile-pattern.ts';
import { findProjectRoot, requireFolder } from './project-root.ts';
import type { DockerfileMatch, Project } from './types.ts';

export interface OpenProjectOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** How long all matching of a project may take. */
  readonly patternMilliseconds?: number;
}

const PATTERN_MILLISECONDS = 2000;

/** Opens the project that `directory` lies in. What is wrong inside the project is in its `problems`; a wrong `ptah.yml` is an error. */
export async function openProject(directory: string, options: OpenProjectOptions = {}): Promise<Project> {
  const folder = requireFolder(directory);
  const root = findProjectRoot(folder);
  if (root === null) {
    throw new PtahError(
      'project-not-found',
      `Neither ${folder} nor a folder above it holds a ${CONFIG_FILE}.`,
      {
        hint: `Open the folder to have a ${CONFIG_FILE} proposed, or write one: “kind: {name: NAME}” is enough.`,
        details: { file: folder },
      },
    );
  }
  const configFile = join(root, CONFIG_FILE);
  const read = readConfig(readText(configFile), options.env ?? process.env);
  const { config } = read;
  const name = config.name ?? basename(root);
  const patterns = compileAll(read);
  const cluster = chooseCluster(root, name, config.kind, read.place);
  const unsafe = buildOutputProblem(root, config.buildOutput, [
    CONFIG_FILE,
    ...(config.kind.config ? [config.kind.config] : []),
  ]);
  const found = await discover({
    root,
    rootName: basename(root),
    ...patterns,
    // What may not be the build output is no reason to leave it out either.
    exclude: unsafe === null ? [buildOutputPath(root, config.buildOutput)] : [],
    deadline: deadlineIn(options.patternMilliseconds ?? PATTERN_MILLISECONDS),
    signal: options.signal,
  });
  const problems: Problem[] = [
    ...configProblems(read, found.dockerfiles),
    ...(unsafe === null ? [] : [{ ...unsafe, file: CONFIG_FILE, ...read.place('build_output') }]),
    ...patterns.problems,
    ...cluster.problems,
    ...found.problems.map(problem => atKey(problem, read)),
    ...imageNameProblems(found.dockerfiles),
  ];
  return {
    root,
    name,
    configFile,
    config,
    clusterName: cluster.clusterName,
    kindConfigFile: cluster.kindConfigFile,
    helmfile: helmfileOf(root),
    dockerfiles: found.dockerfiles,
    manifests: found.manifests,
    problems,
  };
}

function readText(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new PtahError('config-unreadable', `${file} can't be read: ${(error as Error).message}`, {
      details: { file },
      cause: error,
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    const problem: Problem = {
      code: 'undecodable-text',
      severity: 'error',
      message: `${CONFIG_FILE} is not UTF-8 text.`,
      hint: 'Save the file as UTF-8.',
      file: CONFIG_FILE,
      line: 1,
      column: 1,
    };
    throw new PtahError('config-invalid', problem.message, {
      hint: problem.hint,
      details: { file: CONFIG_FILE, problems: [problem] },
      cause: error,
    });
  }
}

interface CompiledPatterns {
  readonly dockerfiles: CompiledPattern | null;
  readonly manifests: CompiledPattern | null;
  readonly problems: readonly Problem[];
}

function compileAll({ config, place }: ReadConfig): CompiledPatterns {
  const problems: Problem[] = [];
  const compile = (key: 'dockerfiles' | 'manifests'): CompiledPattern | null => {
    try {
      return compilePattern(config[key]);
    } catch (error) {
      if (!(error instanceof PtahError)) throw error;
      problems.push({
        code: error.code,
        severity: 'error',
        message: `${key}: ${error.message}`,
        hint: error.hint,
        file: CONFIG_FILE,
        ...place(key),
      });
      return null;
    }
  };
  return { dockerfiles: compile('dockerfiles'), manifests: compile('manifests'), problems };
}

/** A pattern that was given up is a problem of the key it stands at. */
function atKey(problem: Problem, { place }: ReadConfig): Problem {
  const key = /^ptah\.yml#(.*)$/.exec(problem.file ?? '')?.[1];
  return key === undefined ? problem : { ...problem, file: CONFIG_FILE, ...place(key) };
}

const LABEL_VALUE = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const NAMESPACE = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

function configProblems({ config, place }: ReadConfig, dockerfiles: readonly DockerfileMatch[]): Problem[] {
  const problems: Problem[] = [];
  const report = (
    path: string,
    code: string,
    severity: Problem['severity'],
    message: string,
    hint: string,
  ): void => {
    problems.push({ code, severity, message, hint, file: CONFIG_FILE, ...place(path) });
  };
  if (config.name !== null && !LABEL_VALUE.test(config.name)) {
    report(
      'name',
      'project-name-invalid',
      'error',
      `“${config.name}” can't be the project's name.`,
      'It labels objects and images: letters, digits, “-”, “_” and “.”, at most 63, starting and ending with a letter or digit.',
    );
  }
  if (config.namespace !== null && !NAMESPACE.test(config.namespace)) {
    report(
      'namespace',
      'namespace-invalid',
      'error',
      `“${config.namespace}” can't be a namespace.`,
      'Use lower-case letters, digits and “-”, at most 63 characters.',
    );
  }
  if (!TAG_ALGORITHMS.includes(config.tagAlgorithm)) {
    const near = didYouMean(config.tagAlgorithm, TAG_ALGORITHMS);
    const code = /^shake_(?:128|256)$/.test(config.tagAlgorithm)
      ? 'algorithm-needs-length'
      : 'unknown-algorithm';
    report(
      'tag_algorithm',
      code,
      'error',
      `“${config.tagAlgorithm}” is no hash algorithm for tags.`,
      `${near === null ? '' : `Did you mean “${near}”? `}Allowed: ${TAG_ALGORITHMS.join(', ')}.`,
    );
  }
  if (config.apiServer.port < 1 || config.apiServer.port > 65_535) {
    report(
      'api_server.port',
      'port-out-of-range',
      'warning',
      `${config.apiServer.port} is no port.`,
      'Ports are 1 to 65535.',
    );
  }
  const names = dockerfiles.map(({ name }) => name);
  for (const image of Object.keys(config.images)) {
    if (names.includes(image)) continue;
    const near = didYouMean(image, names);
    report(
      `images.${image}`,
      'unknown-image',
      'warning',
      `“images” sets something for “${image}”, but no Dockerfile has this image name.`,
      near === null ? `Images found: ${names.join(', ') || 'none'}.` : `Did you mean “${near}”?`,
    );
  }
  return problems;
}

function helmfileOf(root: string): string | null {
  const path = join(root, 'helmfile.yaml');
  try {
    return statSync(path).isFile() ? path : null;
  } catch {
    return null;
  }
}

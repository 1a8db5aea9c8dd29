import { posix } from 'node:path';
import type { EvaluateOptions } from '../evaluate.ts';
import { outlineDockerfile } from '../outline.ts';
import type { OutlineInstruction, OutlineStage } from '../outline.ts';
import { copiesAll, copiesCode } from './copied-code.ts';
import { commandKind } from './installs.ts';
import type { CommandKind, Install } from './installs.ts';
import { shellCommands } from './shell-commands.ts';
import type { AdviceOptions, DockerfileAdvice } from './types.ts';

/** What a build needs nothing of: it changes with every commit or start, or is made anew inside. */
const UNWANTED = ['.git', 'node_modules', '.venv', '__pycache__', '.next', '.pytest_cache', '.mypy_cache'];
/** Names that are given another value with each build. */
const CHANGING =
  /^(.*_)?(commit|sha|revision|vcs_ref|git_ref|build_(date|time|timestamp|number|id)|timestamp)(_.*)?$/i;
const PLACEHOLDER = /^["']?(unknown|dev|none|local|latest|)["']?$/i;

/** What stands so far in a stage and those that it is `FROM`. */
interface Seen {
  /** The first instruction that brings code. */
  code: OutlineInstruction | null;
  /** Ecosystems whose dependencies came before the code. */
  readonly before: Set<string>;
  /** Told already: a second `npm ci` is no second mistake. */
  readonly told: Set<string>;
}

/**
 * Advice on the order of a Dockerfile: what changes seldom belongs above what changes often, because a layer that changed makes all
 * below it new. Pure. Says nothing rather than something that may be wrong.
 */
export function adviseDockerfile(
  text: string,
  options: EvaluateOptions & AdviceOptions = {},
): readonly DockerfileAdvice[] {
  const { stages } = outlineDockerfile(text, options);
  const files = options.files ?? null;
  const results: Seen[] = [];
  const found: DockerfileAdvice[] = [];
  for (const stage of stages) {
    const parent = stage.parent === null ? undefined : results[stage.parent];
    const seen: Seen = {
      code: parent?.code ?? null,
      before: new Set(parent?.before),
      told: new Set(parent?.told),
    };
    for (const instruction of stage.instructions) {
      if (instruction.name === 'RUN') found.push(...ofRun(instruction, seen, files));
      else if (copiesCode(instruction)) {
        if (files !== null && copiesAll(instruction)) found.push(...ofContext(instruction, files));
        seen.code ??= instruction;
      }
    }
    found.push(...ofLists(stage), ...ofArguments(stage));
    results.push(seen);
  }
  return found
    .filter((one, at) => found.findIndex(two => two.line === one.line && two.code === one.code) === at)
    .toSorted((a, b) => a.line - b.line);
}

const kindsOf = ({ script }: OutlineInstruction): readonly CommandKind[] =>
  shellCommands(script).map(commandKind);

function ofRun(
  run: OutlineInstruction,
  seen: Seen,
  files: readonly string[] | null,
): readonly DockerfileAdvice[] {
  const kinds = kindsOf(run);
  const installs = kinds.flatMap(each => (each.kind === 'dependencies' ? [each.install] : []));
  const { code } = seen;
  if (code === null) {
    for (const { ecosystem } of installs) seen.before.add(ecosystem);
    return [];
  }
  const late = installs.find(({ ecosystem }) => !seen.before.has(ecosystem) && !seen.told.has(ecosystem));
  if (late !== undefined) {
    const names = manifestsOf(late, files);
    if (names === null) return [];
    seen.told.add(late.ecosystem);
    const list = names.join(' ');
    return [
      {
        code: 'dependencies-before-code',
        line: run.line,
        message: `Install the dependencies before the code comes in on line ${code.line}.`,
        why: `\`${code.text}\` changes with every edit, and everything below it is made anew then: \`${late.tool}\` fetches all dependencies again although none changed.`,
        suggestion: names.length === 0 ? null : `COPY ${list} ./\nRUN ${late.command}\n${code.text}`,
      },
    ];
  }
  const named = kinds.find(each => each.kind === 'named');
  const alone = kinds.every(each => ['named', 'neutral', 'lists'].includes(each.kind));
  if (named === undefined || !alone || usesFolder(run)) return [];
  return [
    {
      code: 'packages-before-code',
      line: run.line,
      message: `Move this above line ${code.line}: it needs nothing of the folder.`,
      why: `\`${code.text}\` changes with every edit, and \`${named.tool}\` installs the same packages again each time.`,
      suggestion: null,
    },
  ];
}

/** A mount or an option that takes something of the folder along. */
const usesFolder = ({ flags, script }: OutlineInstruction): boolean =>
  flags.some(({ name, value }) => name === 'mount' && /type=bind/.test(value ?? '')) || /\$\(|`/.test(script);

/** The files to copy first, by their paths in the context; null where there are none. */
function manifestsOf(
  { manifests, tool }: Install,
  files: readonly string[] | null,
): readonly string[] | null {
  // a build that fetches by itself is only worth a word where there is something to fetch
  const must = tool === 'go build';
  if (files === null) return must ? null : manifests.flatMap(([usual]) => usual ?? []);
  const found = manifests.map(names => names.map(name => pathOf(name, files)).find(path => path !== null));
  if (manifests.length === 0) return [];
  if (found[0] === undefined || found[0] === null) return null;
  return found.flatMap(path => path ?? []).toSorted();
}

/** Where a file of that name lies: at its path, else the one that lies highest. */
function pathOf(name: string, files: readonly string[]): string | null {
  const plain = posix.normalize(name).replace(/^\/+/, '');
  if (files.includes(plain)) return plain;
  const base = posix.basename(plain);
  const all = files
    .filter(path => posix.basename(path) === base)
    .toSorted((a, b) => a.split('/').length - b.split('/').length || a.localeCompare(b));
  return all[0] ?? null;
}

function ofContext(copy: OutlineInstruction, files: readonly string[]): readonly DockerfileAdvice[] {
  const there = UNWANTED.filter(name =>
    files.some(path => path === name || path.startsWith(`${name}/`) || path.includes(`/${name}/`)),
  );
  if (there.length === 0) return [];
  return [
    {
      code: 'context-not-ignored',
      line: copy.line,
      message: `Name ${there.join(', ')} in .dockerignore.`,
      why: `\`${copy.text}\` takes ${there.length === 1 ? 'it' : 'them'} along${there.includes('.git') ? ': every commit makes another image, also where no file of the program changed' : '; what is in there changes without the program changing'}.`,
      suggestion: there.map(name => (name === '__pycache__' ? '**/__pycache__' : name)).join('\n'),
    },
  ];
}

/** `apt-get update` in a layer of its own: the lists are cached, and an install below asks for packages that are gone. */
function ofLists({ instructions }: OutlineStage): readonly DockerfileAdvice[] {
  const runs = instructions.filter(({ name }) => name === 'RUN');
  return runs.flatMap((run, at) => {
    const kinds = kindsOf(run);
    if (
      !kinds.some(({ kind }) => kind === 'lists') ||
      !kinds.every(({ kind }) => kind !== 'named' && kind !== 'other')
    )
      return [];
    const install = runs.slice(at + 1).find(later => {
      const then = kindsOf(later);
      return (
        then.some(each => each.kind === 'named' && each.tool.startsWith('apt')) &&
        !then.some(({ kind }) => kind === 'lists')
      );
    });
    if (install === undefined) return [];
    return [
      {
        code: 'lists-alone' as const,
        line: run.line,
        message: `Join it with the install on line ${install.line} by &&.`,
        why: 'As a layer of its own it stays cached for months: a new package on the other line is then looked for in old lists, and not found.',
        suggestion: null,
      },
    ];
  });
}

/** An argument that differs with each build, above what takes long. */
function ofArguments({ instructions }: OutlineStage): readonly DockerfileAdvice[] {
  return instructions.flatMap((instruction, at) => {
    if (instruction.name !== 'ARG' && instruction.name !== 'ENV') return [];
    const name = instruction.words
      .map(word => word.split('=', 2))
      .find(
        ([key = '', value = '']) => CHANGING.test(key) && (PLACEHOLDER.test(value) || value.includes('$')),
      )?.[0];
    if (name === undefined) return [];
    const below = instructions.slice(at + 1);
    const uses = (one: OutlineInstruction): boolean => new RegExp(`\\$\\{?${name}\\b`).test(one.script);
    const slow = below.findLast(
      one =>
        one.name === 'RUN' && kindsOf(one).some(({ kind }) => kind === 'dependencies' || kind === 'named'),
    );
    if (slow === undefined || below.some(one => one.name === 'RUN' && one.line <= slow.line && uses(one)))
      return [];
    return [
      {
        code: 'changing-argument' as const,
        line: instruction.line,
        message: `Move ${name} below line ${slow.line}.`,
        why: `It has another value in each build, and no RUN below it is taken from the cache then, not even the install on line ${slow.line}, which does not use it.`,
        suggestion: null,
      },
    ];
  });
}

import { posix } from 'node:path';
import type { Problem } from '../errors/index.ts';
import { contextTree } from './context-tree.ts';
import type { ContextPath, ContextTree } from './context-tree.ts';
import { absolute, evaluate } from './evaluate.ts';
import type { CopyStep, EvaluateOptions, EvaluatedStage } from './evaluate.ts';
import { isExcluded, readExcludePattern } from './exclude-patterns.ts';
import { isGlob } from './glob.ts';
import { problemAt, readInstructions } from './instructions.ts';
import type { DockerfileInstructions } from './instructions.ts';
import { KnownDirectories } from './known-directories.ts';
import { neededStages } from './needed-stages.ts';
import type { CopyRule } from './types.ts';

export interface CopyRuleOptions extends EvaluateOptions {
  /** The context after `.dockerignore`. */
  readonly entries: readonly ContextPath[];
}

/**
 * What the image takes from its context: one rule per existing source of the `COPY` and `ADD` instructions of the stage that it
 * runs and of the stages which that one is `FROM`, in the order of the build.
 */
export function resolveCopyRules(
  text: string,
  options: CopyRuleOptions,
): {
  readonly rules: readonly CopyRule[];
  readonly problems: readonly Problem[];
  /** The sources as the instructions have them, variables expanded: what they select depends on the context. */
  readonly sources: readonly string[];
  /** Lines of the instructions with a pattern among their sources: those build also when what it selected is gone. */
  readonly patternLines: ReadonlySet<number>;
} {
  const file = readInstructions(text);
  const evaluation = evaluate(file, options);
  const chain: EvaluatedStage[] = [];
  for (let stage = evaluation.stages[evaluation.target]; stage !== undefined;) {
    chain.unshift(stage);
    stage = stage.parent === null ? undefined : evaluation.stages[stage.parent];
  }
  const tree = lazy(() => contextTree(options.entries));
  const run = (steps: EvaluatedStage['steps']): State => {
    const state: State = {
      file,
      tree,
      directories: new KnownDirectories(chain[0]?.base ?? 'scratch'),
      rules: [],
      problems: [],
      sources: [],
      patternLines: new Set(),
    };
    for (const step of steps) {
      if (step.kind === 'directory') state.directories.add(step.path);
      else copy(state, step);
    }
    return state;
  };
  const { rules, problems, sources, patternLines } = run(chain.flatMap(({ steps }) => steps));
  // Nothing of the other stages is of the image, but what they lack fails the build all the same.
  const builders = [...neededStages(file, evaluation)].filter(
    index => !chain.some(each => each.index === index),
  );
  for (const index of builders.sort((one, other) => one - other))
    problems.push(
      ...run(evaluation.stages[index]?.steps ?? []).problems.filter(({ severity }) => severity === 'error'),
    );
  return { rules, problems, sources, patternLines };
}

interface State {
  readonly file: DockerfileInstructions;
  readonly tree: () => ContextTree;
  readonly directories: KnownDirectories;
  readonly rules: CopyRule[];
  readonly problems: Problem[];
  readonly sources: string[];
  readonly patternLines: Set<number>;
}

function lazy<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}

const HEREDOC_SOURCE = /^\d*<<-?[^<]+$/;
const REMOTE_SOURCE = /^(?:https?|ftp|git|ssh):\/\/|^git@[^/]+:|^github\.com\//i;
const ARCHIVE = /\.(?:tar|tgz|tbz2?|txz|tar\.(?:gz|bz2|xz|zst))$/i;

function copy(state: State, step: CopyStep): void {
  const { instruction } = step;
  const { sources, target, targetWord } = withoutTrailingComment(state, step);
  const report = (index: number, problem: Parameters<typeof problemAt>[3]): void => {
    state.problems.push(problemAt(state.file, instruction, index, problem));
  };
  const directory = absolute(step.workdir, target);
  const flag = (name: string): boolean =>
    instruction.flags.some(each => each.name === name && (each.value ?? 'true').toLowerCase() !== 'false');
  const parents = flag('parents');
  const saysDirectory = parents || target === '' || target === '.' || /(?:\/|\/\.)$/.test(target);
  if (instruction.flags.some(({ name }) => name === 'from')) {
    if (saysDirectory) state.directories.add(directory);
    return;
  }
  if (/^[A-Za-z]:[\\/]/.test(target)) {
    report(targetWord.start, {
      code: 'windows-target',
      message: `"${target}" is a path of Windows; the image runs Linux.`,
      hint: 'Targets look like /app.',
    });
    return;
  }
  const exclude = instruction.flags.flatMap(({ name, value, start }) => {
    if (name !== 'exclude' || value === null) return [];
    try {
      readExcludePattern(value);
      return [value];
    } catch {
      report(start, badPattern(value));
      return [];
    }
  });
  const files: string[] = [];
  for (const { text, word } of sources) {
    if (instruction.heredocs.length > 0 && HEREDOC_SOURCE.test(word.text)) continue;
    if (instruction.name === 'ADD' && REMOTE_SOURCE.test(text)) continue;
    state.sources.push(text);
    if (isGlob(text)) state.patternLines.add(instruction.line);
    let selected: readonly Selected[];
    try {
      selected = select(state, text, parents);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      report(word.start, badPattern(text));
      continue;
    }
    if (selected.length === 0) {
      const pattern = isGlob(text);
      report(word.start, {
        code: 'source-missing',
        // A pattern without a match is no error for BuildKit: it copies nothing.
        severity: pattern ? 'warning' : 'error',
        message: pattern ? `Nothing in the context matches "${text}".` : `"${text}" is not in the context.`,
        hint: 'Sources are relative to the directory of the Dockerfile, and .dockerignore may hide them.',
      });
      continue;
    }
    for (const { source, kind, below } of selected) {
      const name = posix.basename(source);
      if (kind === 'file' && isExcluded(exclude, name)) continue;
      if (kind === 'file' && instruction.name === 'ADD' && ARCHIVE.test(source) && !explicitlyKept(step)) {
        report(word.start, {
          code: 'add-archive',
          severity: 'warning',
          message: `ADD unpacks "${source}": its files can't be kept in sync.`,
          hint: 'Unpack it into the context and COPY the folder.',
        });
        state.directories.add(directory);
        continue;
      }
      const place = parents ? posix.join(directory, below) : directory;
      const into = kind === 'file' && (parents || saysDirectory || state.directories.has(directory));
      const rule: CopyRule = {
        source,
        target: into ? posix.join(place, name) : place,
        kind,
        instruction: instruction.name === 'ADD' ? 'ADD' : 'COPY',
        line: instruction.line,
        chown: step.chown,
        chmod: step.chmod,
        ...(exclude.length > 0 && kind === 'directory' ? { exclude } : {}),
      };
      state.rules.push(rule);
      if (kind === 'file' && !into) files.push(source);
      if (kind === 'directory') state.directories.addCopied(rule, state.tree());
      else state.directories.add(posix.dirname(rule.target));
    }
  }
  if (files.length > 1) {
    report(targetWord.start, {
      code: 'target-not-directory',
      severity: 'warning',
      message: `${files.length} files are copied onto one another: "${target}" is no directory.`,
      hint: `Write ${target}/.`,
    });
  }
}

function badPattern(text: string): { readonly code: string; readonly message: string } {
  return { code: 'bad-pattern', message: `"${text}" is no valid pattern: Docker would refuse it.` };
}

interface Selected {
  readonly source: string;
  readonly kind: 'file' | 'directory';
  /** With `--parents`: the directory below the target. */
  readonly below: string;
}

function select(state: State, text: string, parents: boolean): readonly Selected[] {
  // `..` can't leave the context: Docker takes the path as if the context were the root.
  const path = relative(text);
  if (path === '.' && !parents) return [{ source: '.', kind: 'directory', below: '' }];
  const tree = state.tree();
  const found = !isGlob(path) ? [path] : parents ? tree.matchDeep(path) : tree.match(path);
  const pivot = text.indexOf('/./');
  const above = pivot === -1 ? '' : relative(text.slice(0, pivot));
  return found.flatMap((source): Selected[] => {
    const kind = tree.typeOf(source);
    if (kind === null) return [];
    const kept =
      above === '' || above === '.' || !source.startsWith(`${above}/`)
        ? source
        : source.slice(above.length + 1);
    return [{ source, kind, below: kind === 'directory' ? kept : posix.dirname(kept) }];
  });
}

function relative(text: string): string {
  const normal = posix.normalize(`/${text}`).replace(/^\/+|\/+$/g, '');
  return normal === '' ? '.' : normal;
}

function explicitlyKept({ instruction }: CopyStep): boolean {
  return instruction.flags.some(({ name, value }) => name === 'unpack' && value?.toLowerCase() === 'false');
}

/** `COPY a /b # words`: Docker knows no comments behind an instruction and takes the words for paths. We say so and go by what was meant. */
function withoutTrailingComment(
  state: State,
  step: CopyStep,
): Pick<CopyStep, 'sources' | 'target' | 'targetWord'> {
  const all = [...step.sources, { text: step.target, word: step.targetWord }];
  const comment = step.instruction.json
    ? -1
    : all.findIndex(({ word }, index) => index >= 2 && word.text.startsWith('#'));
  const meant = all[comment - 1];
  const first = all[comment];
  if (comment === -1 || meant === undefined || first === undefined) return step;
  if (comment < all.length - 1 && state.tree().typeOf(relative(first.text)) !== null) return step;
  state.problems.push(
    problemAt(state.file, step.instruction, first.word.start, {
      code: 'comment-in-instruction',
      message: 'Docker takes these words for paths: a comment needs a line of its own.',
      hint: 'Move the comment to the line above.',
    }),
  );
  return { sources: all.slice(0, comment - 1), target: meant.text, targetWord: meant.word };
}

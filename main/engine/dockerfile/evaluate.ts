import { posix } from 'node:path';
import type { Problem } from '../errors/index.ts';
import { ExpansionError, expandWord } from './expand.ts';
import { problemAt } from './instructions.ts';
import type { DockerfileInstructions, Instruction } from './instructions.ts';
import { nearest } from './suggest.ts';
import type { Stage } from './types.ts';
import type { Word } from './words.ts';

/** What the Dockerfile alone can't know. */
export interface EvaluateOptions {
  readonly args?: Readonly<Record<string, string>>;
  readonly target?: string | null;
  /** `os/arch[/variant]` of the build; this machine's where it isn't given. */
  readonly platform?: string;
  /** What images of the project bring along when a stage is `FROM` them, by name. */
  readonly bases?: ReadonlyMap<string, Inherited>;
}

/** What a stage hands to those that are `FROM` it. */
export interface Inherited {
  readonly workdir: string;
  readonly env: ReadonlyMap<string, string>;
}

/** `COPY` or `ADD` with everything expanded. */
export interface CopyStep {
  readonly kind: 'copy';
  readonly instruction: Instruction;
  readonly sources: readonly { readonly text: string; readonly word: Word }[];
  readonly target: string;
  readonly targetWord: Word;
  readonly workdir: string;
  readonly chown: string | null;
  readonly chmod: string | null;
}

/** A directory that is there from here on. */
export interface DirectoryStep {
  readonly kind: 'directory';
  readonly path: string;
}

export interface EvaluatedStage extends Stage {
  /** The image's word in `FROM`. */
  readonly word: Word;
  readonly instruction: Instruction;
  /** Index of the earlier stage that this one is `FROM`. */
  readonly parent: number | null;
  readonly steps: readonly (CopyStep | DirectoryStep)[];
  readonly result: Inherited;
}

export interface Evaluation {
  readonly stages: readonly EvaluatedStage[];
  /** Index of the stage that the image runs; -1 where there is none. */
  readonly target: number;
  readonly problems: readonly Problem[];
}

/** Walks the instructions in order and follows what Docker's words depend on: `ARG`, `ENV` and `WORKDIR`, stage by stage. */
export function evaluate(file: DockerfileInstructions, options: EvaluateOptions = {}): Evaluation {
  const given = new Map(Object.entries(options.args ?? {}));
  const platform = platformVariables(options.platform);
  const globals = new Map<string, string>(platform);
  for (const [name, value] of given) if (platform.has(name)) globals.set(name, value);
  const problems: Problem[] = [];
  const stages: MutableStage[] = [];
  let misplaced = false;

  for (const instruction of file.instructions) {
    const expand = (word: Word, variables: ReadonlyMap<string, string>): string => {
      try {
        return expandWord(word.text, variables, file.escape);
      } catch (error) {
        if (!(error instanceof ExpansionError)) throw error;
        problems.push(
          problemAt(file, instruction, word.start, { code: 'expansion', message: `${error.message}.` }),
        );
        return '';
      }
    };
    const stage = stages.at(-1);
    if (instruction.name === 'FROM') {
      const started = startStage(file, instruction, stages, expand, globals, options, problems);
      if (started !== null) stages.push(started);
    } else if (stage !== undefined) {
      step(stage, instruction, { expand, given, globals });
    } else if (instruction.name === 'ARG') {
      for (const word of instruction.words)
        declare(word, globals, globals, { expand, given, globals: new Map() });
    } else if (!misplaced) {
      misplaced = true;
      problems.push(
        problemAt(file, instruction, 0, {
          code: 'from-missing',
          message: `${instruction.name} stands before the first FROM.`,
          hint: 'Only ARG, comments and directives may stand there: start with FROM image.',
        }),
      );
    }
  }
  if (file.instructions.length === 0 && file.problems.length === 0) {
    problems.push({
      code: 'empty-dockerfile',
      severity: 'error',
      message: 'The Dockerfile has no instructions.',
      hint: 'Start with FROM image.',
      line: 1,
      column: 1,
    });
  } else if (stages.length === 0 && !misplaced && !file.instructions.some(({ name }) => name === 'FROM')) {
    problems.push({
      code: 'from-missing',
      severity: 'error',
      message: 'The Dockerfile has no FROM.',
      hint: 'Start with FROM image.',
      line: 1,
      column: 1,
    });
  }
  const target = findTarget(stages, options.target ?? null);
  if (target === -1 && stages.length > 0) {
    const names = stages.flatMap(({ name }) => (name === null ? [] : [name]));
    const meant = nearest(options.target ?? '', names);
    problems.push({
      code: 'undefined-stage',
      severity: 'error',
      message: `The Dockerfile has no stage "${options.target ?? ''}".`,
      hint:
        meant !== null
          ? `Did you mean ${meant}?`
          : names.length > 0
            ? `It has ${names.join(', ')}.`
            : 'None of its stages has a name.',
      line: 1,
      column: 1,
    });
  }
  return {
    stages: stages.map(each => ({ ...each, result: { workdir: each.workdir, env: each.env } })),
    target,
    problems,
  };
}

interface MutableStage extends Omit<EvaluatedStage, 'steps' | 'result'> {
  readonly steps: (CopyStep | DirectoryStep)[];
  /** `ENV` alone: what the image keeps. */
  readonly env: Map<string, string>;
  /** `ENV` and declared `ARG`s: what words may look up. */
  readonly variables: Map<string, string>;
  workdir: string;
}

interface Scope {
  expand(word: Word, variables: ReadonlyMap<string, string>): string;
  readonly given: ReadonlyMap<string, string>;
  readonly globals: ReadonlyMap<string, string>;
}

function startStage(
  file: DockerfileInstructions,
  instruction: Instruction,
  stages: readonly MutableStage[],
  expand: Scope['expand'],
  globals: ReadonlyMap<string, string>,
  options: EvaluateOptions,
  problems: Problem[],
): MutableStage | null {
  const [word, as, name] = instruction.words;
  if (word === undefined) return null;
  const base = expand(word, globals);
  if (base === '' && !problems.some(({ code, line }) => code === 'expansion' && line === instruction.line)) {
    problems.push(
      problemAt(file, instruction, word.start, {
        code: 'from-empty',
        message: `The image of FROM is empty: "${word.text}" has no value here.`,
        hint: 'Give its ARG a default before the first FROM, or set it under images: NAME: args: in ptah.yml.',
      }),
    );
  }
  const parent =
    stages.findLast(each => each.name !== null && each.name.toLowerCase() === base.toLowerCase()) ?? null;
  const inherited: Inherited | undefined =
    parent ?? (base.startsWith('ptah://') ? options.bases?.get(base.slice('ptah://'.length)) : undefined);
  return {
    index: stages.length,
    name: as !== undefined && name !== undefined ? name.text : null,
    base,
    line: instruction.line,
    word,
    instruction,
    parent: parent?.index ?? null,
    steps: [],
    env: new Map(inherited?.env),
    // A child stage inherits build arguments too.
    variables: new Map(parent?.variables ?? inherited?.env),
    workdir: inherited?.workdir ?? '/',
  };
}

function step(stage: MutableStage, instruction: Instruction, scope: Scope): void {
  const { words } = instruction;
  switch (instruction.name) {
    case 'ARG':
      for (const word of words) declare(word, stage.variables, stage.variables, scope);
      return;
    case 'ENV':
      setEnvironment(stage, instruction, scope);
      return;
    case 'WORKDIR': {
      const first = words[0];
      const last = words.at(-1);
      if (first === undefined || last === undefined) return;
      // WORKDIR takes the whole rest of the line as one path.
      const whole = {
        text: instruction.text.slice(first.start, last.end),
        start: first.start,
        end: last.end,
      };
      stage.workdir = absolute(stage.workdir, scope.expand(whole, stage.variables));
      stage.steps.push({ kind: 'directory', path: stage.workdir });
      return;
    }
    case 'RUN':
      for (const path of madeDirectories(instruction))
        stage.steps.push({ kind: 'directory', path: absolute(stage.workdir, path) });
      return;
    case 'COPY':
    case 'ADD': {
      const targetWord = words.at(-1);
      if (targetWord === undefined || words.length < 2) return;
      const value = (name: string): string | null => {
        const flag = instruction.flags.find(each => each.name === name);
        if (flag === undefined || flag.value === null) return null;
        return scope.expand({ text: flag.value, start: flag.valueStart, end: flag.end }, stage.variables);
      };
      stage.steps.push({
        kind: 'copy',
        instruction,
        sources: words.slice(0, -1).map(word => ({ text: scope.expand(word, stage.variables), word })),
        target: scope.expand(targetWord, stage.variables),
        targetWord,
        workdir: stage.workdir,
        chown: value('chown'),
        chmod: value('chmod'),
      });
      return;
    }
    default:
  }
}

function declare(
  word: Word,
  into: Map<string, string>,
  lookup: ReadonlyMap<string, string>,
  scope: Scope,
): void {
  const equals = word.text.indexOf('=');
  const name = (equals === -1 ? word.text : word.text.slice(0, equals)).replace(/["']/g, '');
  const given = scope.given.get(name);
  if (given !== undefined) into.set(name, given);
  else if (equals !== -1) {
    into.set(
      name,
      scope.expand(
        { text: word.text.slice(equals + 1), start: word.start + equals + 1, end: word.end },
        lookup,
      ),
    );
  } else {
    const value = scope.globals.get(name);
    if (value !== undefined) into.set(name, value);
  }
}

function setEnvironment(stage: MutableStage, instruction: Instruction, scope: Scope): void {
  const [first, second] = instruction.words;
  if (first === undefined) return;
  const values: [string, string][] = [];
  if (!first.text.includes('=')) {
    if (second === undefined) return;
    // `ENV NAME the rest of the line`
    const rest = {
      text: instruction.text.slice(second.start).trimEnd(),
      start: second.start,
      end: instruction.text.length,
    };
    values.push([first.text, scope.expand(rest, stage.variables)]);
  } else {
    for (const word of instruction.words) {
      const equals = word.text.indexOf('=');
      if (equals < 1) continue;
      const value = { text: word.text.slice(equals + 1), start: word.start + equals + 1, end: word.end };
      // All values of one ENV see the variables as they were before it.
      values.push([word.text.slice(0, equals).replace(/["']/g, ''), scope.expand(value, stage.variables)]);
    }
  }
  for (const [name, value] of values) {
    stage.env.set(name, value);
    stage.variables.set(name, value);
  }
}

/** Plain `mkdir` in a shell-form `RUN`: a file copied onto such a directory lands in it. */
function madeDirectories(instruction: Instruction): readonly string[] {
  if (instruction.json) return [];
  const script = [
    instruction.text.slice(instruction.rest),
    ...instruction.heredocs.map(({ body }) => body),
  ].join('\n');
  return [...script.matchAll(/(?:^|[\n;&|(]|\bthen\b|\bdo\b)\s*mkdir\s+([^;&|)\n]*)/g)].flatMap(match =>
    (match[1] ?? '').split(/\s+/).filter(word => /^[\w./@+-]+$/.test(word) && !word.startsWith('-')),
  );
}

/** A path as Docker resolves it against the working directory; no trailing slash. */
export function absolute(workdir: string, path: string): string {
  const joined = posix.resolve('/', workdir, path);
  return joined === '' ? '/' : joined;
}

function findTarget(stages: readonly MutableStage[], target: string | null): number {
  if (target === null || target === '') return stages.length - 1;
  const byName = stages.findLastIndex(
    ({ name }) => name !== null && name.toLowerCase() === target.toLowerCase(),
  );
  if (byName !== -1) return byName;
  return /^\d+$/.test(target) && Number(target) < stages.length ? Number(target) : -1;
}

function platformVariables(platform?: string): ReadonlyMap<string, string> {
  const machine = process.arch === 'x64' ? 'amd64' : process.arch === 'ia32' ? '386' : process.arch;
  const name = platform ?? `linux/${machine}`;
  const [os = 'linux', architecture = machine, variant = ''] = name.split('/');
  return new Map(
    ['BUILD', 'TARGET'].flatMap((side): [string, string][] => [
      [`${side}PLATFORM`, name],
      [`${side}OS`, os],
      [`${side}ARCH`, architecture],
      [`${side}VARIANT`, variant],
    ]),
  );
}

import type { Problem } from '../errors/index.ts';
import { jsonStrings } from './json-form.ts';
import { readLogicalLines } from './logical-lines.ts';
import type { DockerfileLines, Heredoc, LogicalLine } from './logical-lines.ts';
import { nearest } from './suggest.ts';
import { splitFlags, splitPlain, splitQuoted } from './words.ts';
import type { Flag, Word } from './words.ts';

/** Every instruction with the flags that it knows. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  ADD: ['chown', 'chmod', 'link', 'keep-git-dir', 'checksum', 'unpack', 'exclude'],
  ARG: [],
  CMD: [],
  COPY: ['from', 'chown', 'chmod', 'link', 'parents', 'exclude'],
  ENTRYPOINT: [],
  ENV: [],
  EXPOSE: [],
  FROM: ['platform'],
  HEALTHCHECK: ['interval', 'timeout', 'start-period', 'start-interval', 'retries'],
  LABEL: [],
  MAINTAINER: [],
  ONBUILD: [],
  RUN: ['mount', 'network', 'security', 'device'],
  SHELL: [],
  STOPSIGNAL: [],
  USER: [],
  VOLUME: [],
  WORKDIR: [],
};

const BOOLEAN_FLAGS = new Set(['link', 'parents', 'keep-git-dir', 'unpack']);
const NEEDS_ARGUMENTS = new Set(Object.keys(FLAGS).filter(name => !['CMD', 'ENTRYPOINT'].includes(name)));

/** One instruction, read but not yet expanded. */
export interface Instruction {
  /** Upper case. */
  readonly name: string;
  readonly line: number;
  readonly text: string;
  readonly logical: LogicalLine;
  readonly flags: readonly Flag[];
  /** Where the arguments start in `text`. */
  readonly rest: number;
  /** Raw words; in the JSON form each string with the place of the whole array. */
  readonly words: readonly Word[];
  readonly json: boolean;
  readonly heredocs: readonly Heredoc[];
}

export interface DockerfileInstructions extends Omit<DockerfileLines, 'lines'> {
  readonly instructions: readonly Instruction[];
}

/** A problem at a character of an instruction. */
export function problemAt(
  lines: Pick<DockerfileLines, 'source'>,
  instruction: Pick<Instruction, 'logical'>,
  index: number,
  problem: Pick<Problem, 'code' | 'message' | 'hint'> & { readonly severity?: Problem['severity'] },
): Problem {
  return { severity: 'error', ...problem, ...lines.source.placeOf(instruction.logical.sourceOffset(index)) };
}

/** Reads instructions, their flags and words; what Docker would refuse to parse becomes a problem. */
export function readInstructions(text: string): DockerfileInstructions {
  const lines = readLogicalLines(text);
  const problems: Problem[] = [...lines.problems];
  const instructions: Instruction[] = [];
  for (const logical of lines.lines) {
    const instruction = readInstruction(logical, lines.escape);
    if (FLAGS[instruction.name] === undefined) {
      const meant = nearest(instruction.name, Object.keys(FLAGS));
      problems.push(
        problemAt(lines, instruction, 0, {
          code: 'unknown-instruction',
          message: `"${logical.text.split(/\s/, 1)[0] ?? ''}" is no Dockerfile instruction.`,
          hint:
            meant === null
              ? 'An instruction that goes on needs a backslash at the end of the line before.'
              : `Did you mean ${meant}?`,
        }),
      );
      continue;
    }
    instructions.push(instruction);
    problems.push(...instructionProblems(lines, instruction));
  }
  return { source: lines.source, escape: lines.escape, syntax: lines.syntax, instructions, problems };
}

function readInstruction(logical: LogicalLine, escape: string): Instruction {
  const { text } = logical;
  const keyword = /^\S+/.exec(text)?.[0] ?? '';
  const name = keyword.toUpperCase();
  const { flags, rest } = splitFlags(text, keyword.length, escape);
  const strings = ['COPY', 'ADD', 'VOLUME', 'SHELL', 'CMD', 'ENTRYPOINT', 'RUN'].includes(name)
    ? jsonStrings(text.slice(rest))
    : null;
  const quoted = name === 'ENV' || name === 'LABEL' || name === 'ARG';
  const words =
    strings?.map(each => ({ text: each, start: rest, end: text.trimEnd().length })) ??
    (quoted ? splitQuoted(text, rest, escape) : splitPlain(text, rest));
  return {
    name,
    line: logical.line,
    text,
    logical,
    flags,
    rest,
    words,
    json: strings !== null,
    heredocs: logical.heredocs,
  };
}

type Report = (
  index: number,
  problem: Pick<Problem, 'code' | 'message' | 'hint'> & { readonly severity?: Problem['severity'] },
) => void;

function instructionProblems(lines: DockerfileLines, instruction: Instruction): readonly Problem[] {
  const problems: Problem[] = [];
  const report: Report = (index, problem) => problems.push(problemAt(lines, instruction, index, problem));
  checkFlags(instruction, report);
  const { name, words } = instruction;
  if (words.length === 0 && NEEDS_ARGUMENTS.has(name)) {
    report(0, {
      code: 'too-few-arguments',
      message: `${name} needs ${name === 'COPY' || name === 'ADD' ? 'a source and a target' : 'an argument'}.`,
    });
    return problems;
  }
  switch (name) {
    case 'COPY':
    case 'ADD':
      checkCopy(instruction, report);
      break;
    case 'FROM':
      checkFrom(instruction, report);
      break;
    case 'ENV':
    case 'LABEL':
      checkPairs(instruction, report);
      break;
    case 'ARG':
      for (const word of words) {
        if (/^["']?=/.test(word.text))
          report(word.start, { code: 'argument-without-name', message: 'ARG needs a name before "=".' });
      }
      break;
    case 'SHELL':
      if (!instruction.json) {
        report(instruction.rest, {
          code: 'json-expected',
          message: 'SHELL takes a JSON array of strings.',
          hint: 'Write SHELL ["/bin/sh", "-c"].',
        });
      }
      break;
    case 'HEALTHCHECK':
      if (!/^(?:none|cmd)$/i.test(words[0]?.text ?? '')) {
        report(instruction.rest, {
          code: 'healthcheck-unknown',
          message: `HEALTHCHECK knows CMD and NONE, not "${words[0]?.text ?? ''}".`,
        });
      }
      break;
    case 'ONBUILD':
      checkTrigger(instruction, report);
      break;
    case 'STOPSIGNAL':
    case 'USER':
      if (words.length > 1)
        report(words[1]?.start ?? 0, { code: 'too-many-arguments', message: `${name} takes one argument.` });
      break;
    case 'CMD':
    case 'ENTRYPOINT':
    case 'RUN':
    case 'VOLUME':
      checkShellForm(instruction, report);
      break;
    default:
  }
  return problems;
}

function checkFlags(instruction: Instruction, report: Report): void {
  const known = FLAGS[instruction.name] ?? [];
  const seen = new Set<string>();
  for (const flag of instruction.flags) {
    if (!known.includes(flag.name)) {
      const meant = nearest(flag.name, known);
      const all = known.map(each => `--${each}`).join(', ');
      report(flag.start, {
        code: 'unknown-flag',
        message: `${instruction.name} has no flag --${flag.name}.`,
        hint:
          meant !== null
            ? `Did you mean --${meant}?`
            : all === ''
              ? `${instruction.name} takes no flags.`
              : `It knows ${all}.`,
      });
      continue;
    }
    if (flag.value === null && !BOOLEAN_FLAGS.has(flag.name)) {
      report(flag.start, {
        code: 'flag-without-value',
        message: `--${flag.name} needs a value.`,
        hint: `Write --${flag.name}=VALUE.`,
      });
    }
    if (BOOLEAN_FLAGS.has(flag.name) && flag.value !== null && !/^(?:true|false)$/i.test(flag.value)) {
      report(flag.valueStart, {
        code: 'flag-value',
        message: `--${flag.name} is true or false, not "${flag.value}".`,
      });
    }
    if (seen.has(flag.name) && !['mount', 'exclude', 'device'].includes(flag.name)) {
      report(flag.start, { code: 'flag-repeated', message: `--${flag.name} stands here a second time.` });
    }
    seen.add(flag.name);
  }
}

function checkCopy(instruction: Instruction, report: Report): void {
  const rest = instruction.text.slice(instruction.rest);
  if (!instruction.json && /^\[\s*["'\]]/.test(rest)) {
    report(instruction.rest, {
      code: 'bad-json',
      message: `This looks like a JSON array of strings but isn't one.`,
      hint: 'Strings stand in double quotes, with commas between them and none after the last.',
    });
    return;
  }
  if (instruction.words.length < 2) {
    report(instruction.rest, {
      code: 'too-few-arguments',
      message: `${instruction.name} needs a source and a target.`,
      hint: `Write ${instruction.name} ${instruction.words[0]?.text ?? 'SOURCE'} TARGET.`,
    });
  }
}

function checkFrom(instruction: Instruction, report: Report): void {
  const { words } = instruction;
  if (words.length !== 1 && !(words.length === 3 && words[1]?.text.toLowerCase() === 'as')) {
    report(words[1]?.start ?? instruction.rest, {
      code: 'from-arguments',
      message: 'FROM takes an image, or an image, AS and a name.',
      hint: 'Write FROM image or FROM image AS name.',
    });
    return;
  }
  const name = words[2];
  if (name !== undefined && !/^[a-z][a-z0-9_.-]*$/.test(name.text.toLowerCase())) {
    report(name.start, {
      code: 'stage-name',
      message: `"${name.text}" can't be a stage's name.`,
      hint: 'It starts with a letter; then letters, digits, "-", "_" and ".".',
    });
  }
}

function checkPairs(instruction: Instruction, report: Report): void {
  const [first, ...others] = instruction.words;
  if (first === undefined) return;
  if (!first.text.includes('=')) {
    if (others.length === 0)
      report(first.start, {
        code: 'too-few-arguments',
        message: `${instruction.name} needs a name and a value.`,
      });
    return;
  }
  for (const word of instruction.words) {
    const equals = word.text.indexOf('=');
    if (equals > 0) continue;
    report(word.start, {
      code: 'pair-expected',
      message: `${instruction.name} has "${word.text}" where NAME=VALUE is expected.`,
      hint: 'A value with spaces stands in quotes.',
    });
  }
}

function checkTrigger(instruction: Instruction, report: Report): void {
  const [trigger] = instruction.words;
  if (trigger === undefined) return;
  const name = trigger.text.toUpperCase();
  if (FLAGS[name] === undefined) {
    const meant = nearest(name, Object.keys(FLAGS));
    report(trigger.start, {
      code: 'unknown-instruction',
      message: `"${trigger.text}" is no Dockerfile instruction.`,
      ...(meant === null ? {} : { hint: `Did you mean ${meant}?` }),
    });
  } else if (['ONBUILD', 'FROM', 'MAINTAINER'].includes(name)) {
    report(trigger.start, { code: 'onbuild-trigger', message: `${name} can't follow ONBUILD.` });
  }
}

function checkShellForm(instruction: Instruction, report: Report): void {
  const rest = instruction.text.slice(instruction.rest).trim();
  if (instruction.json || !/^\[\s*["'].*\]$/su.test(rest) || /^\[\s/.test(rest)) return;
  // `[ "$A" = b ]` is shell and fine; `['a', 'b']` was meant to be the JSON form and runs as shell.
  report(instruction.rest, {
    code: 'bad-json',
    severity: 'warning',
    message: `This looks like a JSON array of strings but isn't one: Docker takes it for a shell command.`,
    hint: 'Strings stand in double quotes, with commas between them and none after the last.',
  });
}

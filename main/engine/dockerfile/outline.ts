import { evaluate } from './evaluate.ts';
import type { EvaluateOptions } from './evaluate.ts';
import { readInstructions } from './instructions.ts';

/** An instruction as it is written, in one line. */
export interface OutlineInstruction {
  /** Upper case. */
  readonly name: string;
  readonly line: number;
  /** The whole instruction, continuation lines joined and white space collapsed. */
  readonly text: string;
  /** Raw words behind the flags; those of a JSON array without their quotes. */
  readonly words: readonly string[];
  readonly flags: readonly { readonly name: string; readonly value: string | null }[];
  /** Arguments as a shell would get them, with the bodies of here-documents. */
  readonly script: string;
}

export interface OutlineStage {
  readonly index: number;
  readonly name: string | null;
  readonly base: string;
  /** Index of the earlier stage that this one is `FROM`. */
  readonly parent: number | null;
  /** Without its `FROM`. */
  readonly instructions: readonly OutlineInstruction[];
}

export interface Outline {
  readonly stages: readonly OutlineStage[];
  /** Index of the stage that the image runs; -1 where there is none. */
  readonly target: number;
}

/** The instructions of a Dockerfile, stage by stage. Never throws: what can't be read is not there. */
export function outlineDockerfile(text: string, options: EvaluateOptions = {}): Outline {
  const file = readInstructions(text);
  const { stages, target } = evaluate(file, options);
  const lists: OutlineInstruction[][] = stages.map(() => []);
  let at = -1;
  for (const instruction of file.instructions) {
    if (stages[at + 1]?.instruction === instruction) {
      at++;
      continue;
    }
    lists[at]?.push({
      name: instruction.name,
      line: instruction.line,
      text: instruction.text.replace(/\s+/g, ' ').trim(),
      words: instruction.words.map(word => word.text),
      flags: instruction.flags.map(({ name, value }) => ({ name, value })),
      script: [
        instruction.json
          ? instruction.words.map(word => word.text).join(' ')
          : instruction.text.slice(instruction.rest),
        ...instruction.heredocs.map(({ body }) => body),
      ].join('\n'),
    });
  }
  return {
    stages: stages.map(({ index, name, base, parent }) => ({
      index,
      name,
      base,
      parent,
      instructions: lists[index] ?? [],
    })),
    target,
  };
}

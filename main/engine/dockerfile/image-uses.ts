import type { EvaluatedStage, Evaluation } from './evaluate.ts';
import type { DockerfileInstructions, Instruction } from './instructions.ts';
import type { ImageDependency } from './types.ts';

/** An image or stage that an instruction names, with its place in the file. */
export interface ImageUse {
  readonly via: ImageDependency['via'];
  /** After expansion, where Docker expands. */
  readonly image: string;
  readonly instruction: Instruction;
  /** Index of the stage that the instruction stands in. */
  readonly stage: number;
  /** In `instruction.text`. */
  readonly index: number;
  /** Offsets in the file of the text to replace. */
  readonly start: number;
  readonly end: number;
}

/** Every `FROM`, `COPY --from` and `RUN --mount=…,from=` of the file, in order. */
export function imageUses(file: DockerfileInstructions, { stages }: Evaluation): readonly ImageUse[] {
  const uses: ImageUse[] = [];
  const use = (
    via: ImageUse['via'],
    image: string,
    instruction: Instruction,
    stage: number,
    start: number,
    end: number,
  ): void => {
    const { logical } = instruction;
    uses.push({
      via,
      image,
      instruction,
      stage,
      index: start,
      start: logical.sourceOffset(start),
      end: logical.sourceOffset(Math.max(start, end - 1)) + (end > start ? 1 : 0),
    });
  };
  let next = 0;
  for (const instruction of file.instructions) {
    const started: EvaluatedStage | undefined = stages[next];
    if (started?.instruction === instruction) {
      use('FROM', started.base, instruction, next, started.word.start, started.word.end);
      next++;
      continue;
    }
    if (next === 0) continue;
    for (const flag of instruction.flags) {
      if (instruction.name === 'COPY' && flag.name === 'from' && flag.value !== null) {
        use('COPY --from', flag.value, instruction, next - 1, flag.valueStart, flag.end);
      }
      if (instruction.name === 'RUN' && flag.name === 'mount' && flag.value !== null) {
        const raw = instruction.text.slice(flag.valueStart, flag.end);
        const match = /(?:^|[,"'])from=([^,"']+)/.exec(raw);
        const image = match?.[1];
        if (match === null || image === undefined) continue;
        const start = flag.valueStart + match.index + match[0].length - image.length;
        use('RUN --mount', image, instruction, next - 1, start, start + image.length);
      }
    }
  }
  return uses;
}

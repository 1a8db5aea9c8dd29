import { readLogicalLines } from '../dockerfile/index.ts';

interface Located {
  readonly keyword: string;
  readonly line: number;
  readonly text: string;
}

/** Instructions that BuildKit counts as steps of a stage. */
const counted = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR']);

/**
 * The line of the Dockerfile that a step of the build came from, by the name that the builder gives the step:
 * `[builder 2/4] RUN make` of BuildKit, or a bare instruction with its number of the classic builder.
 */
export function lineOfStep(
  dockerfile: string,
  step: { readonly id: string; readonly name: string },
): number | null {
  const instructions = readInstructions(dockerfile);
  const classic = /^step-(\d+)$/.exec(step.id);
  if (classic) return instructions[Number(classic[1]) - 1]?.line ?? null;
  const named = /^\[(?:(.*?) )?(\d+)\/\d+\] (.*)$/s.exec(step.name);
  if (!named) return null;
  const [, label = '', position = '1', text = ''] = named;
  const keyword = text.split(/\s/, 1)[0]?.toUpperCase() ?? '';
  const stages = splitStages(instructions);
  // With several platforms the label is `linux/amd64 builder`.
  const stage =
    stages.find(candidate => candidate.name === label.split(' ').at(-1)) ??
    (stages.length === 1 ? stages[0] : undefined);
  const byPosition = stage?.steps[Number(position) - 1];
  if (byPosition?.keyword === keyword) return byPosition.line;
  const wanted = normalise(text);
  return instructions.find(instruction => normalise(instruction.text) === wanted)?.line ?? null;
}

/** The line that the builder names itself, as it does for a Dockerfile that it cannot parse. */
export function lineInMessage(message: string): number | null {
  const found = /(?:parse error (?:on )?line|Dockerfile:)\s*(\d+)/i.exec(message);
  return found ? Number(found[1]) : null;
}

/** The `FROM` whose image could not be had: builders tell its name as `docker.io/library/NAME:TAG`, before any step has a place. */
export function lineOfBase(dockerfile: string, message: string): number | null {
  const bases = readInstructions(dockerfile).filter(({ keyword }) => keyword === 'FROM');
  const found = bases.find(({ text }) => {
    const base = text.split(/\s+/).find((word, at) => at > 0 && !word.startsWith('--')) ?? '';
    const name = base.replace(/^docker\.io\/(library\/)?/, '');
    if (name === '' || name === 'scratch') return false;
    // whole names only: `python` is not what fails in `my-python:1`
    return message.split(/[\s"']+/).some(word => isImage(word.replace(/[:,.]+$/, ''), name));
  });
  return found?.line ?? null;
}

function isImage(word: string, name: string): boolean {
  const said = word.replace(/^docker\.io\//, '').replace(/^library\//, '');
  return said === name || said.startsWith(`${name}:`) || said.startsWith(`${name}@`);
}

function readInstructions(dockerfile: string): readonly Located[] {
  return readLogicalLines(dockerfile).lines.map(({ line, text }) => ({
    keyword: text.split(/\s/, 1)[0]?.toUpperCase() ?? '',
    line,
    text,
  }));
}

interface StageSteps {
  readonly name: string;
  readonly steps: readonly Located[];
}

/** Stages as BuildKit labels and counts them: an unnamed one is `stage-N`; `FROM` counts when it brings an image from outside. */
function splitStages(instructions: readonly Located[]): readonly StageSteps[] {
  const stages: { name: string; steps: Located[] }[] = [];
  for (const instruction of instructions) {
    if (instruction.keyword === 'FROM') {
      const words = instruction.text.split(/\s+/).filter(word => !word.startsWith('--'));
      const base = (words[1] ?? '').toLowerCase();
      const name =
        words[2]?.toLowerCase() === 'as' ? (words[3] ?? '').toLowerCase() : `stage-${stages.length}`;
      const outside = base !== 'scratch' && !stages.some(stage => stage.name === base);
      stages.push({ name, steps: outside ? [instruction] : [] });
    } else if (counted.has(instruction.keyword)) {
      stages.at(-1)?.steps.push(instruction);
    }
  }
  return stages;
}

function normalise(text: string): string {
  return text
    .replace(/\\\s*\n/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

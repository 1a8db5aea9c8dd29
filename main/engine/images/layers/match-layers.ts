import type { Outline, OutlineInstruction, OutlineStage } from '../../dockerfile/index.ts';
import type { BuildStep } from '../types.ts';
import type { HistoryEntry, ImageLayer } from './types.ts';

/** Instructions that BuildKit makes a step of; the rest only changes settings. */
const STEPS = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR']);
const NAMES =
  /^(ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)\b/;

interface Placed extends OutlineInstruction {
  readonly stage: OutlineStage;
}

/**
 * Layers by their place in the Dockerfile. History and file do not name each other: they are laid beside each other from the end, where
 * both have the same instruction; what is then left at the front is the base image's.
 */
export function matchLayers(
  history: readonly HistoryEntry[],
  outline: Outline | null,
  steps: readonly BuildStep[],
): readonly ImageLayer[] {
  const entries = history.map(entry => ({ entry, ...readCreatedBy(entry.createdBy) }));
  const own = outline === null ? [] : instructionsOf(outline);
  const partner = align(entries, own);
  const stepOf = outline === null ? () => null : stepsByLine(outline, own, steps);
  return entries.map(({ entry, instruction, text }, at): ImageLayer => {
    const found = partner[at] ?? null;
    const step = found === null ? null : stepOf(found);
    return {
      instruction,
      text: found?.text ?? text,
      size: entry.size,
      createdAt: entry.createdAt,
      line: found?.line ?? null,
      last:
        step === null ? null : step.state === 'cached' ? 'cached' : step.state === 'done' ? 'built' : null,
      durationMs: step === null ? null : durationOf(step),
    };
  });
}

/** The words of the history, of the classic builder (`/bin/sh -c #(nop) …`) and of BuildKit (`RUN |1 A=b … # buildkit`). */
export function readCreatedBy(createdBy: string): {
  readonly instruction: string | null;
  readonly text: string;
} {
  const text = createdBy
    .replace(/\s+/g, ' ')
    .replace(/ # buildkit$/, '')
    .trim();
  const settings = /^\/bin\/sh -c #\(nop\) ?(.*)$/.exec(text)?.[1]?.trim();
  const plain = settings ?? text;
  const name = NAMES.exec(plain)?.[1] ?? null;
  if (settings !== undefined) return { instruction: name, text: settings };
  const script = withoutArguments(name === 'RUN' ? plain.slice(4) : plain);
  if (name === 'RUN') return { instruction: 'RUN', text: `RUN ${script}` };
  if (name !== null) return { instruction: name, text: plain };
  // what is no instruction was run, by the classic builder; an import says nothing at all
  return text === ''
    ? { instruction: null, text: 'Imported' }
    : { instruction: 'RUN', text: `RUN ${script}` };
}

/** `|2 A=b C=d e /bin/sh -c …`: how many arguments there were, each with its value, which may hold spaces. */
function withoutArguments(text: string): string {
  const shell = /^(?:\|\d+ .*? )?\/bin\/(?:ba)?sh -c (.*)$/s.exec(text)?.[1];
  return shell ?? text.replace(/^\|\d+ (?:\w+=\S* )*/, '');
}

/** The instructions that the image came from: of its stage, and of those that it is `FROM`. */
function instructionsOf({ stages, target }: Outline): readonly Placed[] {
  const chain: OutlineStage[] = [];
  for (let stage = stages[target]; stage !== undefined;) {
    chain.unshift(stage);
    stage = stage.parent === null ? undefined : stages[stage.parent];
  }
  return chain.flatMap(stage => stage.instructions.map(instruction => ({ ...instruction, stage })));
}

/** For each entry its instruction: the longest common sequence, where equal words count more than an equal name alone. */
function align(
  entries: readonly { readonly instruction: string | null; readonly text: string }[],
  own: readonly Placed[],
): readonly (Placed | null)[] {
  const rows = entries.length;
  const columns = own.length;
  const best = Array.from({ length: rows + 1 }, () => new Float64Array(columns + 1));
  const scoreOf = (row: number, column: number): number => {
    const entry = entries[row];
    const instruction = own[column];
    if (entry === undefined || instruction === undefined || entry.instruction !== instruction.name) return 0;
    return 1 + likeness(entry.text, instruction.text);
  };
  // prefixes: entry `row - 1` with instruction `column - 1`
  for (let row = 1; row <= rows; row++)
    for (let column = 1; column <= columns; column++) {
      const score = scoreOf(row - 1, column - 1);
      const row0 = best[row - 1];
      const row1 = best[row];
      if (row0 === undefined || row1 === undefined) continue;
      const apart = Math.max(row0[column] ?? 0, row1[column - 1] ?? 0);
      row1[column] = score > 0 ? Math.max(apart, (row0[column - 1] ?? 0) + score) : apart;
    }
  const partner: (Placed | null)[] = entries.map(() => null);
  let column = columns;
  // from the end: the base image has the same instructions, too, and stands at the front
  for (let row = rows; row > 0 && column > 0;) {
    const score = scoreOf(row - 1, column - 1);
    const here = best[row]?.[column] ?? 0;
    if (score > 0 && here === (best[row - 1]?.[column - 1] ?? 0) + score) {
      partner[row - 1] = own[column - 1] ?? null;
      row--;
      column--;
    } else if (here === (best[row]?.[column - 1] ?? 0)) column--;
    else row--;
  }
  return partner;
}

/** How many words of the shorter are in the other, 0 to 1. */
function likeness(one: string, other: string): number {
  const words = (text: string): ReadonlySet<string> =>
    new Set(
      text
        .toLowerCase()
        .split(/[^\w./:=-]+/)
        .filter(Boolean),
    );
  const [a, b] = [words(one), words(other)];
  const common = [...a].filter(word => b.has(word)).length;
  return common / Math.max(1, Math.min(a.size, b.size));
}

/** The step of the last build that an instruction was. */
function stepsByLine(
  { stages }: Outline,
  own: readonly Placed[],
  steps: readonly BuildStep[],
): (instruction: Placed) => BuildStep | null {
  const byLine = new Map<number, BuildStep>();
  const classic = steps.filter(({ id }) => /^step-\d+$/.test(id));
  if (classic.length > 0) {
    // each instruction is a step here, those of other stages too, in the order of the file
    let at = 0;
    for (const { instructions } of stages)
      for (const { line, text, name } of instructions) {
        const found = classic.findIndex(
          (step, index) => index >= at && step.name.startsWith(name) && same(step.name, text),
        );
        if (found === -1) continue;
        at = found + 1;
        const step = classic[found];
        if (step !== undefined) byLine.set(line, step);
      }
    return ({ line }) => byLine.get(line) ?? null;
  }
  for (const stage of new Set(own.map(each => each.stage))) {
    const name = stage.name ?? `stage-${stage.index}`;
    const numbered = steps.flatMap(step => {
      const match = /^\[(?:\S+\/\S+ )?(?:(\S+) )?(\d+)\/(\d+)\] ([A-Z]+)/.exec(step.name);
      if (match === null || (match[1] !== undefined ? match[1] !== name : stages.length > 1)) return [];
      return [{ step, number: Number(match[2]), of: Number(match[3]), keyword: match[4] ?? '' }];
    });
    const instructions = stage.instructions.filter(each => STEPS.has(each.name));
    for (const { step, number, of, keyword } of numbered) {
      // `FROM` is counted where it is an image, not where it is scratch
      const instruction = instructions[number - 1 - (of - instructions.length)];
      if (instruction?.name === keyword) byLine.set(instruction.line, step);
    }
  }
  // the same step of two stages is one, under the name of the first
  const plain = (text: string): string => text.replace(/\s+/g, ' ').trim();
  const byText = new Map(steps.map(step => [plain(step.name.replace(/^\[[^\]]*\] /, '')), step]));
  return ({ line, name, text }) =>
    byLine.get(line) ?? (STEPS.has(name) ? byText.get(plain(text)) : null) ?? null;
}

const same = (one: string, other: string): boolean =>
  one.replace(/\s+/g, '') === other.replace(/\s+/g, '') || likeness(one, other) > 0.6;

function durationOf({ startedAt, finishedAt }: BuildStep): number | null {
  return startedAt === null || finishedAt === null
    ? null
    : Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt));
}

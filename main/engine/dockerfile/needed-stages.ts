import type { Evaluation } from './evaluate.ts';
import { imageUses } from './image-uses.ts';
import type { DockerfileInstructions } from './instructions.ts';

/** Indices of the stages that are built: the one that the image runs, what that is `FROM`, and what these take files from. */
export function neededStages(file: DockerfileInstructions, evaluation: Evaluation): ReadonlySet<number> {
  const { stages, target } = evaluation;
  const named = new Map<number, Set<string>>();
  for (const { via, stage, image } of imageUses(file, evaluation))
    if (via !== 'FROM') {
      const images = named.get(stage) ?? new Set();
      named.set(stage, images.add(image));
    }
  const needed = new Set<number>();
  const pending = [target];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    const stage = stages[index];
    if (stage === undefined || needed.has(index)) continue;
    needed.add(index);
    if (stage.parent !== null) pending.push(stage.parent);
    for (const name of named.get(index) ?? []) pending.push(stageNamed(evaluation, name));
  }
  return needed;
}

/** By name, else by number; -1 where the name is that of an image. */
export function stageNamed({ stages }: Evaluation, name: string): number {
  const index = stages.findLastIndex(each => each.name?.toLowerCase() === name.toLowerCase());
  return index === -1 && /^\d+$/.test(name) ? Number(name) : index;
}

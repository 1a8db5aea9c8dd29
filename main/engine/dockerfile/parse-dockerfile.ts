import type { Problem } from '../errors/index.ts';
import { evaluate } from './evaluate.ts';
import type { EvaluateOptions, Evaluation, Inherited } from './evaluate.ts';
import { isImageReference } from './image-reference.ts';
import { imageUses } from './image-uses.ts';
import type { ImageUse } from './image-uses.ts';
import { problemAt, readInstructions } from './instructions.ts';
import type { DockerfileInstructions } from './instructions.ts';
import { neededStages, stageNamed } from './needed-stages.ts';
import { nearest } from './suggest.ts';
import type { DockerfileModel, ImageDependency } from './types.ts';

/** How a Dockerfile names an image of its own project. */
export const PROJECT_SCHEME = 'ptah://';

/** What a Dockerfile says, without touching anything: stages, images it needs, features it needs, problems with their places. */
export function parseDockerfile(text: string, options: EvaluateOptions = {}): DockerfileModel {
  const file = readInstructions(text);
  const evaluation = evaluate(file, options);
  const needed = neededStages(file, evaluation);
  const problems: Problem[] = [
    ...file.problems,
    // Docker expands no words of a stage that it does not build.
    ...evaluation.problems.map(problem =>
      problem.code === 'expansion' && !needed.has(stageAt(evaluation, problem.line ?? 0))
        ? { ...problem, severity: 'warning' as const }
        : problem,
    ),
  ];
  const dependencies: ImageDependency[] = [];
  const external: { reference: string; line: number }[] = [];
  if (file.syntax !== null) external.push(file.syntax);
  for (const use of imageUses(file, evaluation)) {
    // Stages after the one that is built take no part in the build.
    if (evaluation.target !== -1 && use.stage > evaluation.target) continue;
    if (use.image === '' || use.image === 'scratch') continue;
    if (use.image.startsWith(PROJECT_SCHEME)) {
      const place = file.source.placeOf(use.start);
      dependencies.push({
        image: use.image.slice(PROJECT_SCHEME.length),
        written: text.slice(use.start, use.end),
        via: use.via,
        ...place,
      });
    } else if (!namesStage(file, evaluation, use, problems)) {
      if (isImageReference(use.image)) external.push({ reference: use.image, line: use.instruction.line });
      else problems.push(problemAt(file, use.instruction, use.index, badReference(use)));
    }
  }
  return {
    stages: evaluation.stages.map(({ index, name, base, line }) => ({ index, name, base, line })),
    dependencies,
    external,
    needs: neededFeatures(file),
    problems: problems.sort(
      (one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0),
    ),
  };
}

/** What an image hands to those that are `FROM` it, as far as its Dockerfile says. */
export function inheritedFrom(text: string, options: EvaluateOptions = {}): Inherited | null {
  const { stages, target } = evaluate(readInstructions(text), options);
  return stages[target]?.result ?? null;
}

/** The stage in which a line stands; that of its `FROM` line counts as the target's, as Docker reads all of these. */
function stageAt({ stages, target }: Evaluation, line: number): number {
  const index = stages.findLastIndex(each => each.line <= line);
  return index === -1 || stages[index]?.line === line ? target : index;
}

function namesStage(
  file: DockerfileInstructions,
  evaluation: Evaluation,
  use: ImageUse,
  problems: Problem[],
): boolean {
  const { stages } = evaluation;
  if (use.via === 'FROM') return stages[use.stage]?.parent !== null;
  const report = (
    code: string,
    message: string,
    hint?: string,
    severity: Problem['severity'] = 'error',
  ): void => {
    problems.push(
      problemAt(file, use.instruction, use.index, {
        code,
        message,
        severity,
        ...(hint === undefined ? {} : { hint }),
      }),
    );
  };
  const names = stages.flatMap(({ name }) => (name === null ? [] : [name]));
  const found = stageNamed(evaluation, use.image);
  if (found !== -1 && found >= stages.length) {
    report(
      'undefined-stage',
      `There is no stage ${use.image}.`,
      `The file has ${stages.length}, counted from 0.`,
    );
    return true;
  }
  if (found === use.stage) {
    report('stage-of-itself', `The stage can't take files from itself ("${use.image}").`);
    return true;
  }
  if (found !== -1) return true;
  if (use.image.includes('$')) {
    report(
      'from-variable',
      `Docker expands no variables in ${use.via}: "${use.image}".`,
      'Give the image a stage: FROM $IMAGE AS name.',
    );
    return true;
  }
  const meant = nearest(use.image.toLowerCase(), names);
  if (meant !== null && !/[/:.@]/.test(use.image)) {
    report(
      'undefined-stage',
      `No stage is called "${use.image}": Docker takes it for an image.`,
      `Did you mean ${meant}?`,
      'warning',
    );
  }
  return false;
}

function badReference({ image }: ImageUse): { code: string; message: string; hint: string } {
  const upper = /[A-Z]/.test(image.split(/[:@]/, 1)[0] ?? '');
  return {
    code: 'invalid-reference',
    message: `"${image}" is no valid image reference.`,
    hint: upper ? 'Names of images are lower case.' : 'It looks like name:tag, or host/name:tag.',
  };
}

function neededFeatures(file: DockerfileInstructions): DockerfileModel['needs'] {
  const needs: { feature: DockerfileModel['needs'][number]['feature']; line: number }[] = [];
  if (file.syntax !== null) needs.push({ feature: 'syntax', line: file.syntax.line });
  for (const { name, line, flags, heredocs } of file.instructions) {
    if (heredocs.length > 0) needs.push({ feature: 'heredoc', line });
    const has = (flag: string): boolean =>
      flags.some(each => each.name === flag && each.value?.toLowerCase() !== 'false');
    if (name === 'RUN' && has('mount')) needs.push({ feature: 'mount', line });
    if (name !== 'COPY' && name !== 'ADD') continue;
    for (const feature of ['link', 'parents', 'exclude', 'chmod'] as const)
      if (has(feature)) needs.push({ feature, line });
  }
  return needs;
}

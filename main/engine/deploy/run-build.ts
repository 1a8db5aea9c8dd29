import { PtahError } from '../errors/index.ts';
import type { Project } from '../project/index.ts';
import { startBuilds } from './build-and-load.ts';
import type { DeployEffects } from './effects.ts';
import { plan as planOf } from './plan.ts';
import { supervise, type RunContext, type Supervised } from './supervise.ts';
import type { DeployResult, PlannedImage } from './types.ts';

export interface BuildImagesRequest {
  readonly project: Project;
  /** Empty for all. What they are built on is built first where it has to be. */
  readonly names: readonly string[];
  /** Also what is current. */
  readonly force: boolean;
}

/** Builds without deploying, and writes `build_output` as the original's `build` does. Needs no cluster. Never rejects. */
export function buildImages(
  request: BuildImagesRequest,
  effects: DeployEffects,
  context: RunContext,
): Promise<DeployResult> {
  return supervise(context, line => work(request, effects, line));
}

async function work(
  { project, names, force }: BuildImagesRequest,
  effects: DeployEffects,
  { signal, emit, steps }: Supervised,
): Promise<'deployed' | 'unchanged'> {
  const { world, images } = await steps.run('scan', `Reading ${project.name}`, async () => {
    const world = await effects.gather(signal);
    const plan = planOf(project, world);
    emit({ type: 'plan', plan });
    const unknown = names.filter(name => !world.images.some(image => image.name === name));
    if (unknown.length > 0)
      throw new PtahError('unknown-image', `No image of this project is called ${unknown.join(', ')}.`, {
        hint: `Its images: ${world.images.map(({ name }) => name).join(', ') || 'none'}.`,
      });
    return { world, images: chosen(plan.images, names, force) };
  });
  const building = images.filter(({ action }) => action === 'build');
  const wrong = building.flatMap(
    ({ name }) => world.images.find(image => image.name === name)?.problems.filter(isError) ?? [],
  );
  const problems = [...project.problems, ...world.problems.filter(({ code }) => code.startsWith('docker'))]
    .filter(isError)
    .concat(wrong, names.length === 0 ? world.manifests.problems.filter(isError) : []);
  if (problems[0])
    throw new PtahError('plan-blocked', problems[0].message, {
      hint: problems[0].hint ?? 'Mend what the problems name and build again.',
      details: { problems },
    });
  if (building.length === 0) {
    await effects.writeBuildOutput(world);
    return 'unchanged';
  }
  await steps.run('build', `Building ${building.map(({ name }) => name).join(', ')}`, async say => {
    await startBuilds({ world, effects, signal, emit }, images).all;
    await effects.writeBuildOutput(world);
    say(`Built ${building.map(({ name }) => name).join(', ')}`);
  });
  return 'deployed';
}

const isError = ({ severity }: { readonly severity: string }) => severity === 'error';

function chosen(
  planned: readonly PlannedImage[],
  names: readonly string[],
  force: boolean,
): readonly PlannedImage[] {
  const wanted = new Set<string>();
  const add = (name: string) => {
    if (wanted.has(name)) return;
    wanted.add(name);
    for (const base of planned.find(image => image.name === name)?.waitsFor ?? []) add(base);
  };
  for (const { name } of planned) if (names.length === 0 || names.includes(name)) add(name);
  return planned
    .filter(({ name }) => wanted.has(name))
    .map(image => {
      const asked = names.length === 0 || names.includes(image.name);
      if (!force || !asked || image.action === 'build') return image;
      const reason = { code: 'forced', message: 'It was asked for', files: [], fileCount: 0 } as const;
      return { ...image, action: 'build', reason };
    });
}

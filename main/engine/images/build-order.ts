import type { Problem } from '../errors/index.ts';
import type { ImageDescription } from './types.ts';

type Dependent = Pick<ImageDescription, 'name' | 'dockerfile' | 'dependsOn'>;

/** Images that can be built at the same time, wave after wave; images of a circle are in none. */
export interface BuildOrder {
  readonly waves: readonly (readonly string[])[];
  readonly problems: readonly Problem[];
}

/** Sorts images so that each comes after those it is `FROM` or copies from. Names that no image has are left to their own problem. */
export function buildOrder(descriptions: readonly Dependent[]): BuildOrder {
  const waiting = new Map(descriptions.map(each => [each.name, each]));
  const waves: string[][] = [];
  for (;;) {
    const ready = [...waiting.values()].filter(
      ({ dependsOn }) => !dependsOn.some(({ image }) => waiting.has(image)),
    );
    if (ready.length === 0) break;
    waves.push(ready.map(({ name }) => name));
    for (const { name } of ready) waiting.delete(name);
  }
  const problems = findCycles([...waiting.values()]).map(cycle => cycleProblem(cycle));
  return { waves, problems };
}

/** Circles of images that need one another, each once, starting with the image that comes first. */
export function findCycles(descriptions: readonly Dependent[]): readonly (readonly Dependent[])[] {
  const byName = new Map(descriptions.map(each => [each.name, each]));
  const cycles: Dependent[][] = [];
  const done = new Set<string>();
  const visit = (image: Dependent, path: readonly Dependent[]): void => {
    const start = path.findIndex(({ name }) => name === image.name);
    if (start !== -1) {
      cycles.push(path.slice(start));
      return;
    }
    if (done.has(image.name)) return;
    for (const { image: needed } of image.dependsOn) {
      const next = byName.get(needed);
      if (next !== undefined) visit(next, [...path, image]);
    }
    done.add(image.name);
  };
  for (const each of descriptions) visit(each, []);
  return cycles;
}

/** The circle as one sentence, at the line where `from` needs the next image. */
export function cycleProblem(cycle: readonly Dependent[], from = 0): Problem {
  const turned = [...cycle.slice(from), ...cycle.slice(0, from)];
  const [first, second = first] = turned;
  const edge = first?.dependsOn.find(({ image }) => image === second?.name);
  return {
    code: 'dependency-cycle',
    severity: 'error',
    message:
      turned.length === 1
        ? `The image ${first?.name ?? ''} needs itself.`
        : `These images need one another: ${[...turned, ...turned.slice(0, 1)].map(({ name }) => name).join(' → ')}.`,
    hint: 'Move what they share into an image that needs none of them.',
    ...(first === undefined ? {} : { file: first.dockerfile }),
    ...(edge === undefined ? {} : { line: edge.line, column: edge.column }),
  };
}

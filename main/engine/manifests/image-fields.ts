import { isMap, isScalar, visit } from 'yaml';
import type { Pair, Scalar } from 'yaml';
import { isImageReference } from '../dockerfile/index.ts';
import type { Problem } from '../errors/index.ts';
import type { YamlDocument } from './read-documents.ts';
import type { TextPlaces } from './text-places.ts';

const CONTAINER_LISTS = new Set(['containers', 'initContainers', 'ephemeralContainers']);

/**
 * Image fields that no node could pull: what `ptah://foo:latest` becomes, for example. Fields of containers are looked at
 * whatever they say, others called `image` when an image of the project stands in them. And `imagePullPolicy: Always` on such
 * an image: the node would ask a registry that has never heard of it.
 */
export function imageFieldProblems({ document }: YamlDocument, places: TextPlaces): readonly Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Map(_, map, path) {
      const image = scalarOf(map.items, 'image');
      if (image === null || typeof image.value !== 'string') return;
      const [start, end] = image.range ?? [0, 0];
      const references = places.referencesIn(start, end);
      const [first] = references;
      const container = isContainer(path);
      if (first === undefined && !container) return;
      const place = first ?? places.placeOf(start);
      // A name without a reference is reported as such, or its image is.
      const settled = references.every(({ reference }) => reference !== null);
      if (settled && image.value !== '' && !isImageReference(image.value)) {
        problems.push({
          code: 'invalid-image',
          severity: 'error',
          message:
            first === undefined
              ? `"${image.value}" is no valid image reference.`
              : `With ${first.reference ?? ''} for ptah://${first.name} this image becomes "${image.value}", which is no valid reference.`,
          hint:
            first === undefined
              ? 'It looks like name:tag, or host/name:tag.'
              : `Write ptah://${first.name} alone: the tag comes from the content.`,
          line: place.line,
          column: place.column,
        });
      }
      const policy = scalarOf(map.items, 'imagePullPolicy');
      if (first !== undefined && policy?.value === 'Always') {
        problems.push({
          code: 'pull-policy-always',
          severity: 'error',
          message: `imagePullPolicy: Always makes the node look for ${first.reference ?? first.name} in a registry, where it is not.`,
          hint: 'Write IfNotPresent or Never, or leave the line out: every content has a tag of its own.',
          ...places.placeOf(policy.range?.[0] ?? start),
        });
      }
    },
  });
  return problems;
}

function scalarOf(pairs: readonly Pair[], name: string): Scalar | null {
  const pair = pairs.find(({ key }) => isScalar(key) && key.value === name);
  return pair !== undefined && isScalar(pair.value) ? pair.value : null;
}

/** Whether a mapping is an item of `containers` and its like. */
function isContainer(path: readonly unknown[]): boolean {
  const owner = path.at(-2);
  if (typeof owner !== 'object' || owner === null || !('key' in owner) || !isScalar(owner.key)) return false;
  return !isMap(path.at(-1)) && CONTAINER_LISTS.has(String(owner.key.value));
}

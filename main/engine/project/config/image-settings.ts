import type { ImageSettings, SyncSettings } from '../types.ts';
import { isMissing, isNull } from './config-values.ts';
import type { ConfigValues } from './config-values.ts';
import { didYouMean } from './did-you-mean.ts';
import type { ConfigNode } from './document.ts';
import { readSyncSettings } from './sync-settings.ts';

const IMAGE_KEYS: readonly string[] = ['args', 'target', 'network', 'sync'];

/** Reads `images`. */
export function readImageSettings(values: ConfigValues): Readonly<Record<string, ImageSettings>> {
  const node = values.node('images');
  if (node === undefined || isMissing(node) || isNull(node)) return {};
  if (node.kind !== 'mapping') {
    values.report(
      'wrong-type',
      '“images” has to be a mapping of image names.',
      node.place,
      'For example “images: {api: {target: dev}}”.',
    );
    return {};
  }
  const images: [string, ImageSettings][] = [];
  for (const { key, keyPlace, value } of node.entries) {
    const path = `images.${key}`;
    values.places.set(path, keyPlace);
    if (value.kind === 'mapping') noteImageKeys(values, path, value);
    else if (!isNull(value))
      values.report(
        'wrong-type',
        `“${path}” has to be a mapping.`,
        value.place,
        `Allowed below “${path}”: ${IMAGE_KEYS.join(', ')}.`,
      );
    images.push([
      key,
      {
        args: imageArguments(values, path),
        target: values.nullable(`${path}.target`),
        network: values.nullable(`${path}.network`),
        ...imageSync(values, path),
      },
    ]);
  }
  return Object.fromEntries(images);
}

function noteImageKeys(
  values: ConfigValues,
  path: string,
  node: Extract<ConfigNode, { kind: 'mapping' }>,
): void {
  for (const { key, keyPlace, value } of node.entries) {
    if (IMAGE_KEYS.includes(key)) {
      values.note(`${path}.${key}`, keyPlace, value);
      continue;
    }
    const near = didYouMean(key, IMAGE_KEYS);
    const hint = `${near === null ? '' : `Did you mean “${near}”? `}Allowed here: ${IMAGE_KEYS.join(', ')}.`;
    values.report('unknown-key', `There is no key “${path}.${key}” in ptah.yml.`, keyPlace, hint);
  }
}

function imageArguments(values: ConfigValues, path: string): Readonly<Record<string, string>> {
  const node = values.node(`${path}.args`);
  if (node === undefined || isNull(node)) return {};
  if (node.kind !== 'mapping') {
    values.report('wrong-type', `“${path}.args” has to be a mapping of build arguments.`, node.place);
    return {};
  }
  const found: [string, string][] = [];
  for (const { key, keyPlace, value } of node.entries) {
    const below = `${path}.args.${key}`;
    values.note(below, keyPlace, value);
    found.push([key, values.text(below, '')]);
  }
  return Object.fromEntries(found);
}

function imageSync(values: ConfigValues, path: string): { readonly sync?: readonly SyncSettings[] } {
  const node = values.node(`${path}.sync`);
  if (node === undefined || isNull(node)) return {};
  const read = readSyncSettings(node, `${path}.sync`);
  for (const { code, message, place, hint } of read.problems) values.report(code, message, place, hint);
  return { sync: read.settings };
}

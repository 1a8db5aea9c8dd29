import { cleanObject, objectText, SERVER_ANNOTATIONS } from '../../manifests/index.ts';
import type { KubernetesObject } from '../../manifests/index.ts';
import { entries, items, record, text } from './json.ts';
import type { ObjectText } from './types.ts';

/** An object as text for people. A Secret's values are hidden unless asked for. */
export function textOf(object: KubernetesObject, reveal: boolean): ObjectText {
  const managers = items(object.metadata.managedFields).map(entry => text(record(entry).manager));
  const masked = object.kind === 'Secret' && !reveal && object.data !== undefined;
  return {
    text: editableText(masked ? hideValues(object) : object),
    masked,
    managers: [...new Set(managers)].filter(name => name !== ''),
  };
}

/** What a person may mean to change: without status and without what only the server writes. */
export function editableText(object: KubernetesObject): string {
  return objectText(cleanObject(object));
}

/** The edited object with everything that its text did not show, as the live one has it. */
export function withHiddenParts(edited: KubernetesObject, live: KubernetesObject): KubernetesObject {
  const hidden = Object.entries(live.metadata.annotations ?? {}).filter(([key]) =>
    SERVER_ANNOTATIONS.includes(key),
  );
  const { status: _, ...rest } = edited;
  return {
    ...rest,
    ...(live.status !== undefined && { status: live.status }),
    metadata: {
      ...edited.metadata,
      ...(hidden.length > 0 && {
        annotations: { ...edited.metadata.annotations, ...Object.fromEntries(hidden) },
      }),
      uid: live.metadata.uid,
      resourceVersion: live.metadata.resourceVersion,
    },
  };
}

function hideValues(object: KubernetesObject): KubernetesObject {
  return { ...object, data: Object.fromEntries(entries(object.data).map(([key]) => [key, '***'])) };
}

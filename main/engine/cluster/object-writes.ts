import type { KubernetesObject, ObjectRef } from '../manifests/index.ts';
import type { AskJson } from './answers.ts';
import { withQuery } from './resource-paths.ts';
import type { ResourcePaths } from './resource-paths.ts';
import type { Cluster } from './types.ts';

/** Our field manager (design §9). */
export const FIELD_MANAGER = 'ptah-desktop';

/** What changes objects of a cluster. */
export function createObjectWrites(
  json: AskJson,
  paths: ResourcePaths,
): Pick<Cluster, 'apply' | 'patch' | 'replace' | 'create' | 'remove'> {
  return {
    async apply(object, applyOptions = {}) {
      const { path, attempt } = await paths.object('apply', refOf(object));
      const { dryRun, force, fieldValidation = 'Strict', onWarning, signal } = applyOptions;
      const search = new URLSearchParams({ fieldManager: FIELD_MANAGER, fieldValidation });
      if (dryRun) search.set('dryRun', 'All');
      if (force) search.set('force', 'true');
      return json<KubernetesObject>(
        {
          method: 'PATCH',
          path: withQuery(path, search),
          headers: { 'content-type': 'application/apply-patch+yaml' },
          body: JSON.stringify(object),
          ...(signal && { signal }),
        },
        attempt,
        onWarning,
      );
    },
    async patch(ref, change, { type = 'merge', subresource, signal } = {}) {
      const { path, attempt } = await paths.object('patch', ref);
      const search = new URLSearchParams({ fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' });
      return json<KubernetesObject>(
        {
          method: 'PATCH',
          path: withQuery(subresource === undefined ? path : `${path}/${subresource}`, search),
          headers: {
            'content-type':
              type === 'merge' ? 'application/merge-patch+json' : 'application/strategic-merge-patch+json',
          },
          body: JSON.stringify(change),
          ...(signal && { signal }),
        },
        subresource === undefined ? attempt : { ...attempt, resource: `${attempt.resource}/${subresource}` },
      );
    },
    async replace(object, { dryRun, fieldValidation = 'Strict', onWarning, signal } = {}) {
      const { path, attempt } = await paths.object('update', refOf(object));
      const search = new URLSearchParams({ fieldManager: FIELD_MANAGER, fieldValidation });
      if (dryRun) search.set('dryRun', 'All');
      return json<KubernetesObject>(
        {
          method: 'PUT',
          path: withQuery(path, search),
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(object),
          ...(signal && { signal }),
        },
        attempt,
        onWarning,
      );
    },
    async create(object, signal) {
      const { path, attempt } = await paths.collection('create', refOf(object));
      const search = new URLSearchParams({ fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' });
      return json<KubernetesObject>(
        {
          method: 'POST',
          path: withQuery(path, search),
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(object),
          ...(signal && { signal }),
        },
        attempt,
      );
    },
    async remove(ref, removeOptions = {}) {
      const { path, attempt } = await paths.object('delete', ref);
      const { propagation = 'Background', uid, signal } = removeOptions;
      const body = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: propagation,
        ...(uid !== undefined && { preconditions: { uid } }),
      };
      await json(
        {
          method: 'DELETE',
          path,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
          ...(signal && { signal }),
        },
        attempt,
      );
    },
  };
}

/** Names an object that was read or is to be written. */
export function refOf(object: KubernetesObject): ObjectRef {
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, namespace: metadata.namespace ?? null, name: metadata.name };
}

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { PtahClient } from '../../preload/contract/client.ts';
import type { CheckResult } from '../../preload/contract/setup.ts';
import { createResource, type Resource } from './resource.ts';

export type CheckRow = Pick<CheckResult, 'id' | 'category' | 'title'>;

export interface Setup {
  readonly rows: Resource<readonly CheckRow[]>;
  /** By the check's id: each runs on its own, so that a slow one holds up nothing. */
  readonly results: Resource<CheckResult>;
  /** The job of the fix that was started last, by the check's id. */
  readonly fixes: StoreApi<Readonly<Record<string, string>>>;
  checkAll(): Promise<void>;
  fix(checkId: string, fixId: string): Promise<string>;
}

export function createSetup(client: PtahClient): Setup {
  const rows = createResource<readonly CheckRow[]>(() => client.request('setup.list', {}));
  const results = createResource<CheckResult>((id, signal) =>
    client.request('setup.check', { id }, { signal }),
  );
  const fixes = createStore<Readonly<Record<string, string>>>(() => ({}));
  return {
    rows,
    results,
    fixes,
    async checkAll() {
      if (rows.get('').data === null) await rows.load('');
      await Promise.all((rows.get('').data ?? []).map(row => results.load(row.id)));
    },
    async fix(checkId, fixId) {
      const { jobId } = await client.request('setup.fix', { checkId, fixId });
      fixes.setState({ [checkId]: jobId });
      return jobId;
    },
  };
}

import { useStore } from 'zustand';
import type { SyncScope } from '../../../preload/contract/sync.ts';
import { useStores } from '../../stores/react.ts';
import { projectWord } from '../../text/sync.ts';
import { ScopeSwitch } from './scope-switch.tsx';

const project: SyncScope = { level: 'project' };

/** "Sync, 2 of 7": everything of the project at once. */
export function ProjectSwitch({ projectId }: { projectId: string }) {
  const { sync } = useStores();
  const word = useStore(sync.snapshots.store, state => {
    const value = state[projectId]?.value ?? null;
    return value === null ? '' : projectWord(value);
  });
  return <ScopeSwitch projectId={projectId} scope={project} label="Sync of the project" word={word} />;
}

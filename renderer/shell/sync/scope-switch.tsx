import { memo } from 'react';
import { useStore } from 'zustand';
import type { SyncScope } from '../../../preload/contract/sync.ts';
import { Switch } from '../../components/switch.tsx';
import { useStores } from '../../stores/react.ts';
import { noSwitch } from '../../text/sync.ts';
import { toggleScope, useScopeView } from '../../stores/use-sync.ts';

/** The switch of one scope as the engine says it; drawn again only when its own shape or word changed. */
export const ScopeSwitch = memo(
  function ScopeSwitch({
    projectId,
    scope,
    label,
    word,
    tabIndex,
    otherwise,
  }: {
    projectId: string;
    scope: SyncScope;
    label: string;
    /** Instead of the state's own word. */
    word?: string;
    tabIndex?: 0 | -1;
    /** The reason where sync knows nothing to turn. */
    otherwise?: string;
  }) {
    const { sync, connection } = useStores();
    const { known, view } = useScopeView(projectId, scope);
    const connected = useStore(connection, state => state.connected);
    if (!known) return <span className="switch-room" />;
    if (view === null) {
      return otherwise === undefined ? null : (
        <Switch view={noSwitch(otherwise)} label={label} onPress={() => undefined} />
      );
    }
    return (
      <Switch
        view={word === undefined || view.look === 'pending' ? view : { ...view, word }}
        label={label}
        off={connected ? null : 'The engine does not answer'}
        {...(tabIndex === undefined ? {} : { tabIndex })}
        onPress={() => toggleScope(sync, projectId, scope)}
      />
    );
  },
  (a, b) =>
    a.projectId === b.projectId &&
    a.label === b.label &&
    a.word === b.word &&
    a.tabIndex === b.tabIndex &&
    a.otherwise === b.otherwise &&
    JSON.stringify(a.scope) === JSON.stringify(b.scope),
);

import { useStore } from 'zustand';
import { Icon, Shape } from '../components/icon.tsx';
import { IconButton } from '../components/button.tsx';
import { Keys } from '../components/keys.tsx';
import { toHash } from '../stores/location.ts';
import { isLocalContext } from '../stores/plan-words.ts';
import { useStores } from '../stores/react.ts';
import { count } from '../text/words.ts';
import { useCurrentContext } from './current.ts';

export function TitleBar() {
  const { dialogs } = useStores();
  return (
    <header className="titlebar" data-region="Title bar" aria-label="Title bar">
      <span className="brand">
        <Icon name="ptah" size={16} />
        Ptah
      </span>
      <span className="history">
        <IconButton icon="chevron-left" size={16} label="Back" onClick={() => window.history.back()} />
        <IconButton icon="chevron-right" size={16} label="Forward" onClick={() => window.history.forward()} />
      </span>
      <button
        type="button"
        className="search"
        aria-keyshortcuts="Control+K"
        onClick={() => dialogs.setState({ palette: true, paletteText: '' })}
      >
        <Icon name="search" />
        <span className="grow">Search or run a command</span>
        <Keys of="Ctrl+K" />
      </button>
      <span className="end">
        <ContextChip />
      </span>
    </header>
  );
}

/** The cluster that a deploy would go to, always in sight; the bar turns amber when others may be using it. */
function ContextChip() {
  const { location } = useStores();
  const projectId = useStore(location.store, state => state.place.projectId ?? state.lastProject);
  const current = useCurrentContext(projectId);
  if (current === null || projectId === null) {
    return (
      <span className="context">
        <Shape tone="stopped" />
        No cluster
      </span>
    );
  }
  const local = isLocalContext(current.context);
  return (
    <a
      className="context"
      href={toHash({ screen: 'cluster', projectId })}
      title={`${current.context}: ${current.word}`}
    >
      <Shape tone={local ? current.tone : 'warn'} />
      <b>{current.context}</b>
      <span>{local ? (current.nodes > 0 ? count(current.nodes, 'node') : current.word) : 'not local'}</span>
    </a>
  );
}

import { useStore } from 'zustand';
import { Icon } from '../components/icon.tsx';
import { useStores } from '../stores/react.ts';

/** Stands in while the palette’s own code is fetched, so that the first letters typed are not lost. */
export function PaletteWait() {
  const { dialogs } = useStores();
  const text = useStore(dialogs, state => state.paletteText);
  return (
    <div className="veil palette-veil">
      <div className="dialog palette">
        <div className="palette-field">
          <Icon name="search" size={16} />
          <input
            type="text"
            // whoever pressed Ctrl+K types on
            // oxlint-disable-next-line jsx-a11y/no-autofocus
            autoFocus
            placeholder="Search or run a command"
            aria-label="Search or run a command"
            value={text}
            onChange={event => dialogs.setState({ paletteText: event.target.value })}
            onKeyDown={event => {
              if (event.key === 'Escape') dialogs.setState({ palette: false });
            }}
          />
        </div>
      </div>
    </div>
  );
}

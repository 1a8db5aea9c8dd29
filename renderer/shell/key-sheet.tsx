import { shortcuts, type ShortcutId } from '../app/shortcuts.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Keys } from '../components/keys.tsx';

const groups = ['Anywhere', 'On a screen', 'In a list', 'In a log', 'In a terminal'] as const;
const ids = Object.keys(shortcuts) as ShortcutId[];

/** Two arrows move: one alone would say half of it. */
const keysOf = (id: ShortcutId): string => (id === 'move' ? 'ArrowUp+ArrowDown' : shortcuts[id].keys);

export function KeySheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog
      title="Keys"
      width={720}
      scrolls
      onClose={onClose}
      buttons={<Button onClick={onClose}>Close</Button>}
    >
      <div className="sheet">
        {groups.map(group => (
          <section key={group}>
            <h3 className="b">{group}</h3>
            <dl>
              {ids
                .filter(id => shortcuts[id].group === group)
                .map(id => (
                  <div key={id}>
                    <dt>
                      <Keys of={keysOf(id)} />
                      <span className="sr">{keysOf(id)}</span>
                    </dt>
                    <dd>{shortcuts[id].title}</dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

import { Command } from 'cmdk';
import { useStore } from 'zustand';
import { Icon, type IconName } from '../components/icon.tsx';
import { Keys } from '../components/keys.tsx';
import { usePeek, useStores } from '../stores/react.ts';
import { syncEntries } from './sync/palette-entries.ts';
import { forwardEntries } from './forwards/palette-entries.ts';
import { logEntries } from './logs/palette-entries.ts';
import { terminalEntries } from './terminal/palette-entries.ts';
import { shortcuts, type ShortcutId } from '../app/shortcuts.ts';

export interface Entry {
  readonly title: string;
  readonly group: string;
  readonly icon: IconName;
  readonly shortcut?: ShortcutId;
  readonly run: () => void;
}

/** Search and commands in one place, Ctrl+K from anywhere. */
export function Palette() {
  const stores = useStores();
  const projects = usePeek(stores.projects, '').data ?? [];
  const place = useStore(stores.location.store, state => state.place);
  const text = useStore(stores.dialogs, state => state.paletteText);
  const close = () => stores.dialogs.setState({ palette: false });
  const { location } = stores;
  const current = projects.find(project => project.id === place.projectId) ?? null;
  const entries: Entry[] = [
    ...projects.map((project): Entry => ({
      title: project.name,
      group: 'Projects',
      icon: 'folder',
      run: () => location.go({ screen: 'overview', projectId: project.id }),
    })),
    ...(current === null
      ? []
      : (
          [
            ['Overview', 'activity', 'overview'],
            ['Images', 'layers', 'images'],
            ['Changes', 'git-compare', 'changes'],
            ['Workloads', 'boxes', 'workloads'],
            ['Cluster', 'server', 'cluster'],
          ] as const
        ).map(([title, icon, screen]): Entry => ({
          title: `${title} of ${current.name}`,
          group: current.name,
          icon,
          ...(screen === 'changes' ? { shortcut: 'changes' as const } : {}),
          run: () => location.go({ screen, projectId: current.id }),
        }))),
    ...(current === null ? [] : syncEntries(stores, current)),
    ...(current === null ? [] : logEntries(stores, current)),
    ...(current === null ? [] : forwardEntries(stores, current)),
    ...(current === null ? [] : terminalEntries(stores, current)),
    ...(current === null
      ? []
      : [
          {
            title: `Remove ${current.name} from the cluster and Docker…`,
            group: current.name,
            icon: 'trash-2',
            run: () => stores.removal.ask(current.id),
          } satisfies Entry,
        ]),
    {
      title: 'Open folder…',
      group: 'Commands',
      icon: 'folder-open',
      shortcut: 'open',
      run: () => void stores.opening.choose(),
    },
    { title: 'Browse folders…', group: 'Commands', icon: 'folder', run: () => stores.opening.browse() },
    ...(
      [
        ['Projects', 'layout-grid', 'projects'],
        ['Activity', 'history', 'activity'],
        ['Setup', 'stethoscope', 'setup'],
        ['Settings', 'settings', 'settings'],
      ] as const
    ).map(([title, icon, screen]): Entry => ({
      title,
      group: 'Go to',
      icon,
      run: () => location.go({ screen, projectId: null }),
    })),
    {
      title: 'Show or hide the sidebar',
      group: 'Window',
      icon: 'panel-right',
      shortcut: 'sidebar',
      run: () => stores.layout.setState(state => ({ sidebarShown: !state.sidebarShown })),
    },
    {
      title: 'Show or hide the dock',
      group: 'Window',
      icon: 'scroll-text',
      shortcut: 'dock',
      run: () => stores.layout.setState(state => ({ dockOpen: !state.dockOpen })),
    },
    ...(['system', 'light', 'dark', 'contrast'] as const).map((theme): Entry => ({
      title: `Theme: ${theme === 'contrast' ? 'high contrast' : theme}`,
      group: 'Window',
      icon: 'settings',
      run: () => void stores.client.request('settings.update', { patch: { theme } }).catch(() => undefined),
    })),
    {
      title: 'All keys',
      group: 'Window',
      icon: 'bell',
      shortcut: 'sheet',
      run: () => stores.dialogs.setState({ sheet: true }),
    },
  ];
  const groups = [...new Set(entries.map(entry => entry.group))];

  return (
    <Command.Dialog
      open
      onOpenChange={open => !open && close()}
      label="Search or run a command"
      overlayClassName="veil palette-veil"
      contentClassName="dialog palette"
      aria-describedby={undefined}
    >
      <div className="palette-field">
        <Icon name="search" size={16} />
        <Command.Input
          // of its own: the dialog would select what was typed before it was there
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          ref={caretToEnd}
          placeholder="Search or run a command"
          aria-label="Search or run a command"
          value={text}
          onValueChange={paletteText => stores.dialogs.setState({ paletteText })}
        />
      </div>
      <Command.List>
        <Command.Empty>Nothing of that name.</Command.Empty>
        {groups.map(group => (
          <Command.Group key={group} heading={group}>
            {entries
              .filter(entry => entry.group === group)
              .map(entry => (
                <Command.Item
                  key={entry.title}
                  value={`${entry.title} ${entry.group}`}
                  onSelect={() => {
                    close();
                    entry.run();
                  }}
                >
                  <Icon name={entry.icon} />
                  <span className="grow">{entry.title}</span>
                  {entry.shortcut !== undefined && <Keys of={shortcuts[entry.shortcut].keys} />}
                </Command.Item>
              ))}
          </Command.Group>
        ))}
      </Command.List>
    </Command.Dialog>
  );
}

const caretToEnd = (input: HTMLInputElement | null) =>
  input?.setSelectionRange(input.value.length, input.value.length);

import '@xterm/xterm/css/xterm.css';
import '../../theme/terminal.css';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { TerminalInfo } from '../../../preload/contract/terminals.ts';
import { IconButton } from '../../components/button.tsx';
import { Status } from '../../components/status.tsx';
import { toFailure } from '../../stores/failure.ts';
import { usePeek, useStores } from '../../stores/react.ts';
import { FindBar, type Hits } from './find-bar.tsx';
import { preparePaste } from './paste.ts';
import { PasteDialog } from './paste-dialog.tsx';
import { StateBar } from './state-bar.tsx';
import { TerminalMenu, type MenuPlace } from './terminal-menu.tsx';
import { createView, type View } from './view.ts';

const readerKey = 'ptah.terminal.screenReader';
const readerWanted = (): boolean => {
  try {
    return localStorage.getItem(readerKey) === 'on';
  } catch {
    return false;
  }
};

/** A terminal in the dock. It draws what the engine replays; the shell runs there whether anybody looks or not. */
export function TerminalPanel({ id }: { id: string }) {
  const { client, terminals, info: appInfo } = useStores();
  const known = useStore(terminals.store, state => state[id] ?? null);
  const platform = usePeek(appInfo, '').data?.platform ?? navigator.platform;
  const wanted = useStore(terminals.wanted, state => state.id === id);
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<View | null>(null);
  const [lost, setLost] = useState<string | null>(null);
  const [notice, setNotice] = useState<string | null>(null);
  const [finding, setFinding] = useState(false);
  const [hits, setHits] = useState<Hits>({ at: 0, count: 0 });
  const [asking, setAsking] = useState<{ readonly text: string; readonly lines: number } | null>(null);
  const [menu, setMenu] = useState<MenuPlace | null>(null);
  const [reader, setReader] = useState(readerWanted);
  const firstReader = useRef(reader);

  const paste = (clipboard: string) => {
    const shown = view.current;
    if (shown === null) return;
    const { text, runs } = preparePaste(clipboard, shown.bracketed);
    if (runs > 0) setAsking({ text, lines: runs });
    else shown.paste(text);
  };
  const pasteLatest = useRef(paste);
  useEffect(() => {
    pasteLatest.current = paste;
  });

  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const made = createView(
      element,
      client,
      id,
      {
        onInfo(info) {
          setLost(null);
          terminals.tell(info);
        },
        onLost: error => setLost(error === null ? 'The engine ended the view.' : toFailure(error).message),
        onFind: () => setFinding(true),
        onPaste: text => pasteLatest.current(text),
        onHits: (at, count) => setHits({ at, count }),
        onNotice: setNotice,
      },
      { screenReader: firstReader.current, platform },
    );
    view.current = made;
    return () => {
      view.current = null;
      made.dispose();
    };
  }, [client, id, platform, terminals]);

  useEffect(() => {
    if (!wanted) return;
    terminals.wanted.setState({ id: null });
    view.current?.focus();
  }, [wanted, terminals]);

  useEffect(() => {
    if (notice === null) return undefined;
    const timer = setTimeout(() => setNotice(null), 6_000);
    return () => clearTimeout(timer);
  }, [notice]);

  const toggleReader = () => {
    const next = !reader;
    setReader(next);
    view.current?.setScreenReader(next);
    try {
      localStorage.setItem(readerKey, next ? 'on' : 'off');
    } catch {
      // not remembered, that is all
    }
  };
  const endFind = () => {
    setFinding(false);
    view.current?.endFind();
    view.current?.focus();
  };

  return (
    <section className="terminal" aria-label={known === null ? 'Terminal' : `Terminal in ${placeOf(known)}`}>
      <div className="logbar">
        <span className="mono cut" title={known === null ? undefined : placeOf(known)}>
          {known === null ? '' : placeOf(known)}
        </span>
        {known !== null && <StateWord info={known} />}
        <span className="grow" />
        {notice !== null && (
          <span className="t2 cut" role="status">
            {notice}
          </span>
        )}
        {finding && (
          <FindBar
            hits={hits}
            onFind={(text, direction, typing) => view.current?.find(text, direction, typing)}
            onClose={endFind}
          />
        )}
        <IconButton icon="search" label="Find in the terminal" onClick={() => setFinding(true)} />
        <button
          type="button"
          className={reader ? 'tgl on' : 'tgl'}
          aria-pressed={reader}
          title="Read the output aloud: for screen readers"
          onClick={toggleReader}
        >
          Screen reader
        </button>
        <IconButton
          icon="trash-2"
          label="End the shell and close the terminal"
          onClick={() => void terminals.close(id)}
        />
      </div>
      {lost !== null && (
        <div className="strip bad" role="alert">
          <Status tone="bad">{lost}</Status>
        </div>
      )}
      {known !== null && <StateBar info={known} onFocus={() => view.current?.focus()} />}
      <div
        ref={host}
        className="terminal-screen"
        onContextMenu={event => {
          event.preventDefault();
          setMenu({ x: event.clientX, y: event.clientY, hasSelection: view.current?.selection() !== '' });
        }}
      />
      {menu !== null && (
        <TerminalMenu
          place={menu}
          onCopy={() => void view.current?.copy()}
          onPaste={() =>
            void navigator.clipboard.readText().then(
              text => pasteLatest.current(text),
              () => setNotice('The window may not read the clipboard by itself. Press the keys for pasting.'),
            )
          }
          onSelectAll={() => view.current?.selectAll()}
          onFind={() => setFinding(true)}
          onClose={() => {
            setMenu(null);
            view.current?.focus();
          }}
        />
      )}
      {asking !== null && (
        <PasteDialog
          text={asking.text}
          lines={asking.lines}
          onPaste={() => view.current?.paste(asking.text)}
          onClose={() => {
            setAsking(null);
            // a dialog gives the focus back a turn later than it goes, and xterm's field is none that it remembers
            setTimeout(() => view.current?.focus(), 50);
          }}
        />
      )}
    </section>
  );
}

export const placeOf = ({ container, pod, namespace }: TerminalInfo): string =>
  // a container that Docker runs has no namespace
  namespace === '' ? `${container} in ${pod}` : `${container} in ${namespace}/${pod}`;

function StateWord({ info }: { info: TerminalInfo }) {
  switch (info.state) {
    case 'running':
      return <Status tone="ok">{info.shell ?? 'running'}</Status>;
    case 'starting':
      return <Status tone="working">Starting a shell</Status>;
    case 'ended':
      return <Status tone="stopped">Ended</Status>;
    case 'no-shell':
      return <Status tone="warn">No shell</Status>;
    case 'lost':
    case 'failed':
      return <Status tone="bad">Not connected</Status>;
  }
}

import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useShortcut } from '../../app/use-shortcut.ts';
import { Button } from '../../components/button.tsx';
import { Empty, ListState } from '../../components/list-state.tsx';
import { useRows } from '../../components/rows.ts';
import { Status } from '../../components/status.tsx';
import { useHints, type Hint } from '../../shell/hints.ts';
import { useResource, useStores } from '../../stores/react.ts';
import type { CheckRow } from '../../stores/setup.ts';
import { clock } from '../../text/time.ts';
import { CheckRows } from './check-row.tsx';

const hints: readonly Hint[] = [
  { keys: 'ArrowUp+ArrowDown', word: 'move' },
  { keys: 'Enter', word: 'expand' },
  { keys: 'Shift+R', word: 'check all again' },
];
const groups: readonly (readonly [CheckRow['category'], string])[] = [
  ['containers', 'Docker'],
  ['cluster', 'Cluster'],
  ['tools', 'Tools'],
  ['machine', 'This machine'],
];

export function SetupScreen() {
  const { setup } = useStores();
  const rows = useResource(setup.rows, '');
  useHints(hints);
  useShortcut('checkAll', () => void setup.checkAll());
  return (
    <main className="main" data-region="Main">
      <header className="head">
        <h1>Setup</h1>
        <Counts rows={rows.data ?? []} />
        <span className="grow" />
        <Button icon="refresh-cw" shortcut="checkAll" onClick={() => void setup.checkAll()}>
          Check all again
        </Button>
      </header>
      <div className="body flush">
        <ListState
          of={rows}
          who="The engine"
          rows={8}
          isEmpty={data => data.length === 0}
          empty={
            <Empty icon="stethoscope" title="No checks" line="This build has no checks of the machine." />
          }
          onRetry={() => void setup.rows.load('')}
          onStop={() => setup.rows.stopWaiting('')}
        >
          {data => <Checks checks={data} />}
        </ListState>
      </div>
    </main>
  );
}

function Counts({ rows }: { rows: readonly CheckRow[] }) {
  const { setup } = useStores();
  const results = useStore(setup.results.store);
  const of = rows.map(row => results[row.id]);
  const having = (state: string) =>
    of.filter(result => result?.loadingSince === null && result.data?.state === state).length;
  const checking = of.filter(result => result !== undefined && result.loadingSince !== null).length;
  const latest = Math.max(0, ...of.map(result => result?.at ?? 0));
  return (
    <>
      {latest > 0 && <span className="sub">{`checked ${clock(latest)}`}</span>}
      {having('ok') > 0 && <Status tone="ok" fill>{`${having('ok')} ready`}</Status>}
      {having('warning') > 0 && <Status tone="warn" fill>{`${having('warning')} attention`}</Status>}
      {having('failed') > 0 && <Status tone="bad" fill>{`${having('failed')} failed`}</Status>}
      {checking > 0 && <Status tone="working" fill>{`${checking} checking`}</Status>}
    </>
  );
}

/** Each check runs on its own; a failed one stands open. */
function Checks({ checks }: { checks: readonly CheckRow[] }) {
  const { setup } = useStores();
  const results = useStore(setup.results.store);
  const [chosen, setChosen] = useState<Readonly<Record<string, boolean>>>({});
  useEffect(() => {
    const stops = checks.map(check => setup.results.watch(check.id));
    return () => {
      for (const stop of stops) stop();
    };
  }, [checks, setup]);
  const isOpen = (id: string) => chosen[id] ?? results[id]?.data?.state === 'failed';
  const ordered = groups.flatMap(([category]) => checks.filter(check => check.category === category));
  const toggle = (id: string) => setChosen({ ...chosen, [id]: !isOpen(id) });
  const rows = useRows(
    ordered.map(check => check.id),
    {
      onOpen: toggle,
      onKey: (id, event) => {
        if (event.key.toLowerCase() !== 'r' || event.shiftKey || event.ctrlKey || event.metaKey) return false;
        void setup.results.load(id);
        return true;
      },
    },
  );
  return (
    <table className="list set" role="treegrid" aria-label="Checks" onKeyDown={rows.onKeyDown}>
      <colgroup>
        <col style={{ width: 140 }} />
        <col style={{ width: 190 }} />
        <col />
        <col style={{ width: 220 }} />
      </colgroup>
      {groups
        .filter(([category]) => checks.some(check => check.category === category))
        .map(([category, title]) => (
          <tbody key={category}>
            <tr className="group">
              <td colSpan={4}>{title}</td>
            </tr>
            {checks
              .filter(check => check.category === category)
              .map(check => (
                <CheckRows
                  key={check.id}
                  check={check}
                  row={rows.row(check.id)}
                  open={isOpen(check.id)}
                  onToggle={() => toggle(check.id)}
                />
              ))}
          </tbody>
        ))}
    </table>
  );
}

import '../theme/images.css';
import { useEffect, useState } from 'react';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { Icon } from '../components/icon.tsx';
import { LogLines } from '../components/log-lines.tsx';
import { SearchField } from '../components/search-field.tsx';
import { Status } from '../components/status.tsx';
import { toFailure } from '../stores/failure.ts';
import { appendText, createLines, type Lines } from '../stores/lines.ts';
import { usePeek, useStores } from '../stores/react.ts';
import { count } from '../text/words.ts';

const retryMs = 1_000;

/** What a container wrote that was started by hand, replayed and followed to its end. */
export function RunLog({ projectId, runId, image }: { projectId: string; runId: string; image: string }) {
  const { client, imagesByHand } = useStores();
  const run = usePeek(imagesByHand.runs, projectId).data?.find(one => one.id === runId) ?? null;
  // lines grow in place: a new object around them says that there are more
  const [{ lines }, setShown] = useState<{ readonly lines: Lines }>(() => ({ lines: createLines() }));
  const [ended, setEnded] = useState<{ readonly exitCode: number | null } | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [wrap, setWrap] = useState(false);
  const [search, setSearch] = useState('');

  useEffect(() => {
    const controller = new AbortController();
    let at = 0;
    let waiting = false;
    let kept = createLines();
    // many pieces of output are drawn at once
    const draw = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        if (!controller.signal.aborted) setShown({ lines: kept });
      });
    };
    const follow = async (): Promise<boolean> => {
      const items = client.stream(
        'images.runLog',
        { projectId, id: runId, after: at },
        { signal: controller.signal },
      );
      for await (const item of items) {
        setError(null);
        if (item.type === 'reset') {
          kept = createLines();
          at = 0;
        } else if (item.type === 'ended') {
          setEnded({ exitCode: item.exitCode });
          return true;
        } else {
          at = item.seq;
          appendText(kept, { at: Date.now(), source: '', tone: 'plain', stream: item.stream }, item.text);
        }
        draw();
      }
      return false;
    };
    void (async () => {
      while (!controller.signal.aborted) {
        try {
          // oxlint-disable-next-line no-await-in-loop -- one stream after the other
          if (await follow()) return;
        } catch (thrown) {
          if (controller.signal.aborted) return;
          const failure = toFailure(thrown);
          setError(failure.message);
          // it is gone, and its log with it: nothing will bring it back
          if (failure.code === 'not-found') return;
        }
        // oxlint-disable-next-line no-await-in-loop -- not all at once
        await new Promise(resolve => setTimeout(resolve, retryMs));
      }
    })();
    return () => controller.abort();
  }, [client, projectId, runId]);

  const { items } = lines;
  const hits =
    search === '' ? 0 : items.filter(({ text }) => text.toLowerCase().includes(search.toLowerCase())).length;
  return (
    <>
      <div className="logbar">
        <span className="mono cut">{run?.name ?? image}</span>
        {ended === null ? (
          <Status tone="ok">Running</Status>
        ) : (
          <Status tone={ended.exitCode === 0 ? 'stopped' : 'bad'}>{endWords(ended.exitCode)}</Status>
        )}
        <span className="grow" />
        {run?.state === 'running' && (
          <>
            <Button small icon="terminal" onClick={() => void imagesByHand.openTerminal(projectId, run)}>
              Terminal
            </Button>
            <Button small onClick={() => void imagesByHand.stop(projectId, run)}>
              Stop
            </Button>
          </>
        )}
        <SearchField
          label="Search the log"
          value={search}
          width={212}
          onChange={setSearch}
          note={hits === 0 ? 'no hit' : count(hits, 'line')}
        />
        <button
          type="button"
          className={wrap ? 'tgl on' : 'tgl'}
          aria-pressed={wrap}
          aria-label="Wrap lines"
          title="Wrap lines"
          onClick={() => setWrap(!wrap)}
        >
          <Icon name="wrap-text" />
        </button>
        <CopyButton text={() => items.map(({ text }) => text).join('\n')} label="Copy all" />
      </div>
      {error !== null && (
        <div className="strip bad" role="alert">
          <Status tone="bad">{error}</Status>
        </div>
      )}
      <div className="log-box run-log">
        <LogLines
          lines={items}
          startedAt={null}
          showSource={false}
          wrap={wrap}
          search={search}
          label={`Log of ${image}`}
        />
      </div>
      <div className="logfoot">
        <span>
          {items.length === 0
            ? ended === null
              ? 'No output yet'
              : 'It wrote nothing'
            : count(items.length, 'line')}
        </span>
      </div>
    </>
  );
}

export const endWords = (exitCode: number | null): string =>
  exitCode === null ? 'Ended' : exitCode === 137 ? 'Ended, killed' : `Ended with exit code ${exitCode}`;

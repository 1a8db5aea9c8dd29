import { Popover } from 'radix-ui';
import type { LogOptions, LogSource } from '../../../preload/contract/logs.ts';
import { Button } from '../../components/button.tsx';
import { Icon, type Tone } from '../../components/icon.tsx';
import { Status } from '../../components/status.tsx';
import { count, grouped, size } from '../../text/words.ts';
import { isHidden, type Chip } from './scopes.ts';

export const toneOfSource: Readonly<Record<LogSource['state'], Tone>> = {
  waiting: 'wait',
  connecting: 'working',
  following: 'ok',
  retrying: 'warn',
  ended: 'stopped',
  failed: 'bad',
  muted: 'stopped',
};
const words: Readonly<Record<LogSource['state'], string>> = {
  waiting: 'Not started',
  connecting: 'Connecting',
  following: 'Connected',
  retrying: 'Connecting again',
  ended: 'Ended',
  failed: 'Failed',
  muted: 'Not read',
};

/** Every source by itself: what it holds, how it stands; shown or not, read or not, and its previous instance. */
export function SourcesMenu({
  chips,
  hidden,
  options,
  open,
  onOpen,
  onToggle,
  onMute,
  onPrevious,
}: {
  chips: readonly Chip[];
  hidden: readonly string[];
  options: LogOptions | null;
  open: boolean;
  onOpen: (open: boolean) => void;
  onToggle: (key: string) => void;
  onMute: (key: string, muted: boolean) => void;
  onPrevious: (source: LogSource) => void;
}) {
  const sources = chips.flatMap(chip => chip.sources.map(source => ({ source, colour: chip.colour })));
  const bad = sources.filter(({ source }) => source.state === 'failed' || source.state === 'retrying').length;
  return (
    <Popover.Root open={open} onOpenChange={onOpen}>
      <Popover.Trigger asChild>
        <button type="button" className="tgl logs-sources" title="Every source by itself">
          {bad > 0 ? (
            <Status tone="bad">{`${bad} of ${sources.length}`}</Status>
          ) : (
            count(sources.length, 'source')
          )}
          <Icon name="chevron-down" size={12} />
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="logs-menu" align="start" sideOffset={4} aria-label="Sources of the log">
          <table className="logs-sources-table">
            <thead>
              <tr>
                <th>Source</th>
                <th>State</th>
                <th className="num">Lines</th>
                <th className="num">Kept</th>
                <th>
                  <span className="sr">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {sources.map(({ source, colour }) => {
                const shown = !isHidden(source, hidden);
                const muted = source.state === 'muted';
                return (
                  <tr key={source.key}>
                    <td>
                      <label className={`row tight src${colour}`}>
                        <input type="checkbox" checked={shown} onChange={() => onToggle(source.key)} />
                        <span className="mono cut" title={source.key}>
                          {source.label}
                        </span>
                      </label>
                    </td>
                    <td title={source.message ?? undefined}>
                      <Status tone={toneOfSource[source.state]}>{words[source.state]}</Status>
                      {source.message !== null && <div className="t2 logs-why">{source.message}</div>}
                    </td>
                    <td className="num">{grouped(source.lines)}</td>
                    <td
                      className="num"
                      title={source.dropped > 0 ? `${grouped(source.dropped)} lines were cut` : undefined}
                    >
                      {size(source.bytes)}
                      {source.dropped > 0 && <div className="t3">{`${grouped(source.dropped)} cut`}</div>}
                    </td>
                    <td>
                      <span className="row tight">
                        {source.kind === 'container' && (
                          <>
                            <Button
                              small
                              kind="quiet"
                              aria-pressed={muted}
                              off={options === null && 'The options are being read'}
                              title={muted ? 'Read it again, from now on' : 'Do not read it at all'}
                              onClick={() => onMute(source.key, !muted)}
                            >
                              {muted ? 'Read' : 'Mute'}
                            </Button>
                            {source.restarts > 0 && (
                              <Button small kind="quiet" onClick={() => onPrevious(source)}>
                                Previous
                              </Button>
                            )}
                          </>
                        )}
                      </span>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
          <p className="t3 logs-note">
            What memory has no room for is cut from the source that holds most; an export still has it.
          </p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

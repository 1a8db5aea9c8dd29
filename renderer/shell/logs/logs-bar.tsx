import { clsx } from 'clsx';
import type { KeyboardEvent, Ref } from 'react';
import type { LogLevel, LogOptions, LogSource, LogStatus } from '../../../preload/contract/logs.ts';
import { shortcuts } from '../../app/shortcuts.ts';
import { IconButton } from '../../components/button.tsx';
import { Icon, Shape } from '../../components/icon.tsx';
import { Keys } from '../../components/keys.tsx';
import { firstLook, type LogLook } from '../../stores/logs.ts';
import { grouped } from '../../text/words.ts';
import type { FixedLog } from './logs-panel.tsx';
import { PatternField, Small } from './pattern-field.tsx';
import { isHidden, scopeTitle, toggled, type Chip } from './scopes.ts';
import { SourcesMenu } from './sources-menu.tsx';
import { timeWords, type TimeMode } from './times.ts';

const levels: readonly (readonly [LogLevel, string])[] = [
  ['error', 'error'],
  ['warn', 'warn'],
  ['info', 'info'],
  ['debug', 'debug'],
  ['none', 'other'],
];
const contexts = [0, 2, 5] as const;
/** More of them are in the list of sources only. */
const mostChips = 7;

export interface SearchState {
  readonly index: number | null;
  readonly total: number | null;
  readonly problem: string | null;
}

/** What is shown, searched and filtered. */
export function LogsBar({
  project,
  only,
  look,
  status,
  chips,
  options,
  search,
  wrap,
  time,
  paused,
  fields,
  sourcesOpen,
  onSources,
  onLook,
  onMute,
  onPrevious,
  onSearchKey,
  onStep,
  onWrap,
  onTime,
  onPause,
  onLeave,
}: {
  project: string;
  /** It stays what it is of: there are no sources to choose. */
  only: FixedLog | null;
  look: LogLook;
  status: LogStatus | null;
  chips: readonly Chip[];
  options: LogOptions | null;
  search: SearchState;
  wrap: boolean;
  time: TimeMode;
  paused: boolean;
  fields: { readonly search: Ref<HTMLInputElement>; readonly filter: Ref<HTMLInputElement> };
  sourcesOpen: boolean;
  onSources: (open: boolean) => void;
  onLook: (change: Partial<LogLook>) => void;
  onMute: (key: string, muted: boolean) => void;
  onPrevious: (source: LogSource) => void;
  onSearchKey: (event: KeyboardEvent<HTMLInputElement>) => boolean;
  onStep: (direction: 'next' | 'previous') => void;
  onWrap: () => void;
  onTime: () => void;
  onPause: () => void;
  onLeave: () => void;
}) {
  const { scope, hidden, quiet, filter } = look;
  const toggle = (key: string) => onLook({ hidden: toggled(hidden, key, chips) });
  const found =
    look.search.text === '' || search.total === null
      ? null
      : search.total === 0
        ? 'no hit'
        : `${search.index === null ? '' : `${grouped(search.index)} of `}${grouped(search.total)}`;
  return (
    <div className="logbar logs-bar" role="toolbar" aria-label="Log">
      {only !== null && (
        <span className="chip logs-scope" title={only.title}>
          <span className="mono cut">{only.title}</span>
        </span>
      )}
      {only === null && scope.kind !== 'project' && (
        <span className="chip logs-scope" title={scopeTitle(scope, project)}>
          <span className="mono cut">{scopeTitle(scope, project)}</span>
          <IconButton
            icon="x"
            size={12}
            label={`Show the log of all of ${project}`}
            onClick={() => onLook({ scope: { kind: 'project' }, hidden: [] })}
          />
        </span>
      )}
      <span className="logs-chips of-sources">
        {chips.length > 1 &&
          chips.slice(0, mostChips).map(chip => {
            const off = chip.sources.every(source => isHidden(source, hidden));
            return (
              <button
                key={chip.key}
                type="button"
                className={clsx('chip', `src${chip.colour}`, off && 'off')}
                aria-pressed={!off}
                onClick={() => toggle(chip.key)}
              >
                <i className="c0" aria-hidden="true" />
                {chip.label} {chip.note !== '' && <span className="t3">{chip.note}</span>}
              </button>
            );
          })}
      </span>
      {only === null && chips.length > 0 && (
        <SourcesMenu
          chips={chips}
          hidden={hidden}
          options={options}
          open={sourcesOpen}
          onOpen={onSources}
          onToggle={toggle}
          onMute={onMute}
          onPrevious={onPrevious}
        />
      )}
      <span className="sep" />
      <span className="logs-chips logs-levels" role="group" aria-label="Levels">
        {levels.map(([level, word]) => {
          const off = quiet.includes(level);
          const lines = status?.levels[level] ?? 0;
          return (
            <button
              key={level}
              type="button"
              className={off ? 'chip off' : 'chip'}
              aria-pressed={!off}
              title={`${grouped(lines)} lines`}
              onClick={() => onLook({ quiet: off ? quiet.filter(one => one !== level) : [...quiet, level] })}
            >
              {level === 'error' && <Shape tone="bad" />}
              {level === 'warn' && <Shape tone="warn" />}
              {word}
              {(level === 'error' || level === 'warn') && lines > 0 && (
                <span className="t3">{grouped(lines)}</span>
              )}
            </button>
          );
        })}
      </span>
      <span className="grow" />
      <PatternField
        icon="search"
        label="Search"
        title="Marks what it finds and hides nothing. Enter and Shift+Enter go from hit to hit; /…/ is a pattern"
        value={look.search}
        onChange={value => onLook({ search: value })}
        onKey={onSearchKey}
        onLeave={onLeave}
        problem={search.problem}
        field={fields.search}
      >
        {found === null ? (
          look.search.text === '' && <Keys of={shortcuts.search.keys} />
        ) : (
          <>
            <span className="nw" role="status">
              {found}
            </span>
            <IconButton icon="chevron-up" size={12} label="Previous hit" onClick={() => onStep('previous')} />
            <IconButton icon="chevron-down" size={12} label="Next hit" onClick={() => onStep('next')} />
          </>
        )}
      </PatternField>
      <PatternField
        icon="list-filter"
        label="Filter"
        title="Hides what does not match; !text excludes, /…/ is a pattern"
        value={filter}
        onChange={value => onLook({ filter: value })}
        onLeave={onLeave}
        problem={status?.problem?.message ?? null}
        field={fields.filter}
      >
        {filter.text === '' && <Keys of={shortcuts.logFilter.keys} />}
        <Small
          word="Mark"
          label="Filter: only mark what matches, hide nothing"
          on={filter.onlyMark}
          onPress={() => onLook({ filter: { ...filter, onlyMark: !filter.onlyMark } })}
        />
        <button
          type="button"
          className={filter.context > 0 ? 'tgl on logs-small' : 'tgl logs-small idle'}
          title="Lines shown around each match: 0, 2 or 5"
          aria-label={`Lines around each match: ${filter.context}`}
          onClick={() => {
            const at = contexts.indexOf(filter.context);
            onLook({
              filter: {
                ...filter,
                context: contexts[(at + 1) % contexts.length] ?? firstLook.filter.context,
              },
            });
          }}
        >
          {`±${filter.context}`}
        </button>
      </PatternField>
      <Toggle icon="wrap-text" keys={shortcuts.wrapLog.keys} label="Wrap lines" on={wrap} onPress={onWrap} />
      <Toggle
        icon="clock"
        keys={shortcuts.logTimes.keys}
        label={timeWords[time]}
        on={time !== 'off'}
        onPress={onTime}
      >
        {time === 'utc' ? 'UTC' : null}
      </Toggle>
      <button
        type="button"
        className={paused ? 'tgl' : 'tgl on'}
        aria-pressed={!paused}
        title={paused ? 'Follow the end again' : 'Stop following the end'}
        aria-keyshortcuts={shortcuts.pauseLog.keys}
        onClick={onPause}
      >
        Follow <Keys of={shortcuts.pauseLog.keys} />
      </button>
    </div>
  );
}

function Toggle({
  icon,
  keys,
  label,
  on,
  onPress,
  children = null,
}: {
  icon: 'wrap-text' | 'clock';
  keys: string;
  label: string;
  on: boolean;
  onPress: () => void;
  children?: string | null;
}) {
  return (
    <button
      type="button"
      className={on ? 'tgl on' : 'tgl'}
      aria-pressed={on}
      aria-label={label}
      title={`${label} (${keys})`}
      aria-keyshortcuts={keys}
      onClick={onPress}
    >
      <Icon name={icon} />
      {children}
    </button>
  );
}

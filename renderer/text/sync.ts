import type { SwitchState, SyncContainer, SyncSnapshot, SyncState } from '../../preload/contract/sync.ts';
import type { Tone } from '../components/icon.tsx';
import { age, duration } from './time.ts';
import { count } from './words.ts';

/** The shapes of a sync switch. `none` is no switch: a dash and the reason. */
export type SwitchLook =
  'on' | 'off' | 'mixed' | 'busy' | 'wait' | 'none' | 'drift' | 'failed' | 'refused' | 'paused' | 'pending';

export interface SwitchView {
  readonly look: SwitchLook;
  readonly word: string;
  /** Null where there is nothing to turn. */
  readonly checked: SwitchState | null;
  readonly title: string | null;
}

export const noSwitch = (word: string, title: string | null = null): SwitchView => ({
  look: 'none',
  word,
  checked: null,
  title,
});

/** The worst first: what a person should look at decides the shape. */
const order: readonly SyncState[] = [
  'refused',
  'degraded',
  'drift',
  'sending',
  'starting',
  'waiting',
  'paused',
  'equal',
  'off',
];
const looks: Record<SyncState, SwitchLook> = {
  off: 'off',
  waiting: 'wait',
  starting: 'busy',
  sending: 'busy',
  equal: 'on',
  drift: 'drift',
  degraded: 'failed',
  paused: 'paused',
  refused: 'refused',
};
export const stateTone: Record<SyncState, Tone> = {
  off: 'stopped',
  waiting: 'wait',
  starting: 'working',
  sending: 'working',
  equal: 'done',
  drift: 'warn',
  degraded: 'bad',
  paused: 'stopped',
  refused: 'bad',
};

export const stateOf = (container: SyncContainer): SyncState => (container.on ? container.state : 'off');

export function viewOfContainer(container: SyncContainer): SwitchView {
  const state = stateOf(container);
  return {
    look: looks[state],
    word: wordOf(state, container.pending),
    checked: container.on ? 'on' : 'off',
    title: container.on ? container.reason : null,
  };
}

function wordOf(state: SyncState, pending: number): string {
  switch (state) {
    case 'off':
      return 'Off';
    case 'waiting':
      return 'When it runs';
    case 'starting':
      return 'Starting';
    case 'sending':
      return `Sending ${pending}`;
    case 'equal':
      return 'On, equal';
    case 'drift':
      return 'Drift';
    case 'degraded':
      return 'Degraded';
    case 'paused':
      return 'Paused';
    case 'refused':
      return 'Refused';
  }
}

/**
 * The switch above several: one that is on for some is mixed, and pressing it turns all on. `whole` is what the engine says of it,
 * for while no container is there.
 */
export function viewOfMany(containers: readonly SyncContainer[], whole?: SwitchState): SwitchView {
  const [only] = containers;
  if (only === undefined) {
    if (whole === undefined) return noSwitch('Not built here');
    return { look: whole, word: whole === 'on' ? 'Waits' : 'Off', checked: whole, title: null };
  }
  if (containers.length === 1) return viewOfContainer(only);
  const on = containers.filter(one => one.on);
  if (on.length === 0) return { look: 'off', word: 'Off', checked: 'off', title: null };
  const checked = on.length === containers.length ? 'on' : 'mixed';
  const states = on.map(stateOf);
  const worst = order.find(state => states.includes(state)) ?? 'equal';
  const number = states.filter(state => state === worst).length;
  const isTrouble = worst === 'refused' || worst === 'degraded' || worst === 'drift';
  const title = on.find(one => stateOf(one) === worst)?.reason ?? null;
  if (isTrouble) {
    const word = { refused: 'Refused', degraded: 'Degraded', drift: 'Drift' }[worst];
    return { look: looks[worst], word: `${word}, ${number} of ${containers.length}`, checked, title };
  }
  if (on.length < containers.length) {
    return { look: 'mixed', word: `${on.length} of ${containers.length}`, checked, title: null };
  }
  if (worst === 'sending') {
    const files = on.reduce((sum, one) => sum + one.pending, 0);
    return { look: 'busy', word: `Sending ${files}`, checked, title: null };
  }
  if (states.every(state => state === 'waiting'))
    return { look: 'wait', word: 'Waits', checked, title: 'On as soon as it runs' };
  if (states.every(state => state === 'paused')) return { look: 'paused', word: 'Paused', checked, title };
  if (states.every(state => state === 'equal'))
    return { look: 'on', word: 'On, equal', checked, title: null };
  return { look: 'on', word: 'On', checked, title: null };
}

/** A pressed switch says where it goes until the engine says that it is there. */
export const viewOfPending = (view: SwitchView, to: boolean): SwitchView => ({
  ...view,
  look: 'pending',
  word: to ? 'Turning on' : 'Turning off',
  title: 'The engine was asked',
});

/** "Sync, 2 of 7". */
export function projectWord(snapshot: SyncSnapshot): string {
  const all = snapshot.containers.length;
  const on = snapshot.containers.filter(one => one.on).length;
  if (all === 0) return snapshot.switch === 'off' ? 'Sync, off' : 'Sync, waits';
  if (on === 0) return 'Sync, off';
  const states = snapshot.containers.map(stateOf);
  const trouble = (['refused', 'degraded', 'drift'] as const).find(state => states.includes(state));
  return `Sync, ${on} of ${all}${trouble === undefined ? '' : `, ${trouble}`}`;
}

/** The status bar's count: the words keep their width while files go. */
export function statusOf(snapshot: SyncSnapshot): { readonly tone: Tone; readonly word: string } {
  const on = snapshot.containers.filter(one => one.on);
  const states = on.map(stateOf);
  const have = (state: SyncState) => states.filter(one => one === state).length;
  if (snapshot.blocked !== null && snapshot.switch !== 'off') return { tone: 'bad', word: 'blocked' };
  if (on.length === 0) {
    return snapshot.switch === 'off' ? { tone: 'stopped', word: 'off' } : { tone: 'wait', word: 'waits' };
  }
  if (snapshot.paused) return { tone: 'stopped', word: 'paused' };
  if (have('refused') > 0) return { tone: 'bad', word: `${have('refused')} refused` };
  if (have('degraded') > 0) return { tone: 'bad', word: `${have('degraded')} degraded` };
  if (have('drift') > 0) return { tone: 'warn', word: `drift in ${have('drift')}` };
  const isBusy = have('sending') + have('starting') > 0;
  const tone = isBusy ? 'working' : have('waiting') > 0 ? 'wait' : 'ok';
  return { tone, word: `${have('equal')} of ${on.length} equal` };
}

/** The state of one container in a sentence; what the engine says about it stands below. */
export function sentenceOf(container: SyncContainer, now: number): string {
  switch (stateOf(container)) {
    case 'off':
      return 'Off: nothing is sent';
    case 'waiting':
      return 'Waits for the container to run';
    case 'starting':
      return 'Reading what the container holds';
    case 'sending':
      return `Sending ${count(container.pending, 'file')}`;
    case 'equal':
      return container.verifiedAt === null
        ? 'Equal to the folder, as acknowledged'
        : `Equal to the folder, verified ${age(now - Date.parse(container.verifiedAt))} ago`;
    case 'drift': {
      const open = container.drift.filter(one => !one.ignored).length;
      return `${count(open, 'file')} changed inside the container`;
    }
    case 'degraded':
      return 'Not equal to the folder, trying again';
    case 'paused':
      return 'Paused: changes wait';
    case 'refused':
      return 'Can’t be synced';
  }
}

export const channelWords = {
  node: 'Through the node',
  stream: 'One standing exec',
  tar: 'tar, once per batch',
} as const;

/** "7 ms", "1.2 s". */
export const took = (ms: number): string => (ms < 999.5 ? `${Math.round(ms)} ms` : duration(ms));

export const driftWords = {
  changed: 'changed inside',
  deleted: 'deleted inside',
  type: 'another type inside',
} as const;

export const differenceWords = {
  missing: 'missing in the container',
  content: 'other content',
  mode: 'other permissions',
  type: 'another type',
  link: 'a link elsewhere',
} as const;

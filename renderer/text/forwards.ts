import type { ApiProxyView, ForwardView } from '../../preload/contract/forwards.ts';
import type { Tone } from '../components/icon.tsx';

const tones: Readonly<Record<ForwardView['state'], Tone>> = {
  off: 'stopped',
  starting: 'working',
  active: 'ok',
  reconnecting: 'warn',
  failed: 'bad',
  taken: 'bad',
};

export const toneOfForward = ({ state }: Pick<ForwardView | ApiProxyView, 'state'>): Tone => tones[state];

const words: Readonly<Record<ForwardView['state'], string>> = {
  off: 'Off',
  starting: 'Starting',
  active: 'Active',
  reconnecting: 'Reconnecting',
  failed: 'Failed',
  taken: 'Port taken',
};

export const forwardWord = ({ state }: Pick<ForwardView | ApiProxyView, 'state'>): string => words[state];

/** `deployment/api http`, with the namespace where it is not `default`. */
export function forwardTitle({ target: { kind, namespace, name }, port }: ForwardView): string {
  return `${kind.toLowerCase()}/${name} ${port}${namespace === 'default' ? '' : ` in ${namespace}`}`;
}

/** What the status bar counts: those that are on, the worst of them first. */
export function forwardsWord(forwards: readonly ForwardView[]): { tone: Tone; word: string } | null {
  const on = forwards.filter(each => each.on);
  if (on.length === 0) return null;
  const active = on.filter(({ state }) => state === 'active').length;
  if (active === on.length) return { tone: 'ok', word: `${active}` };
  const ill = on.some(({ state }) => state === 'failed' || state === 'taken');
  return { tone: ill ? 'bad' : 'warn', word: `${active} of ${on.length}` };
}

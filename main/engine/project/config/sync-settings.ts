import type { SyncSettings } from '../types.ts';
import { didYouMean } from './did-you-mean.ts';
import type { ConfigNode, Place } from './document.ts';
import { textOf } from './yaml-values.ts';

export interface SyncSettingsProblem {
  readonly code: string;
  readonly message: string;
  readonly place: Place;
  readonly hint: string;
}

const KEYS: readonly string[] = ['target', 'signal', 'command', 'restart'];
const EXAMPLE = 'For example “sync: [{target: /app, signal: HUP}]”.';
const SIGNALS: readonly string[] =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );

/** `images.NAME.sync`: what happens in a container after files arrived below a target. */
export function readSyncSettings(
  node: ConfigNode,
  path: string,
): { readonly settings: readonly SyncSettings[]; readonly problems: readonly SyncSettingsProblem[] } {
  const problems: SyncSettingsProblem[] = [];
  const report = (code: string, message: string, place: Place, hint = EXAMPLE): null => {
    problems.push({ code, message, place, hint });
    return null;
  };

  const text = (value: ConfigNode, what: string): string | null =>
    value.kind === 'scalar' && value.value.type !== 'null'
      ? textOf(value.value)
      : report('wrong-type', `“${what}” has to be text.`, value.place);

  function one(item: ConfigNode, at: string): SyncSettings | null {
    if (item.kind !== 'mapping') return report('wrong-type', `“${at}” has to be a mapping.`, item.place);
    const found = new Map<string, { readonly value: ConfigNode; readonly place: Place }>();
    for (const { key, keyPlace, value } of item.entries) {
      if (KEYS.includes(key)) found.set(key, { value, place: keyPlace });
      else {
        const near = didYouMean(key, KEYS);
        report(
          'unknown-key',
          `There is no key “${at}.${key}” in ptah.yml.`,
          keyPlace,
          `${near === null ? '' : `Did you mean “${near}”? `}Allowed here: ${KEYS.join(', ')}.`,
        );
      }
    }
    const target = targetOf(found.get('target')?.value, at, item.place);
    const actions = [...found].filter(([key]) => key !== 'target');
    const [action, second] = actions;
    if (!action || second)
      return report(
        'sync-action',
        `“${at}” needs one of signal, command and restart.`,
        second?.[1].place ?? item.place,
      );
    const done = actionOf(action[0], action[1].value, at);
    return target !== null && done !== null ? { target, ...done } : null;
  }

  function targetOf(value: ConfigNode | undefined, at: string, place: Place): string | null {
    if (!value) return report('missing-key', `“${at}.target” is missing.`, place);
    const given = text(value, `${at}.target`);
    if (given === null) return null;
    if (!given.startsWith('/') || given.split('/').includes('..'))
      return report(
        'sync-target',
        `“${at}.target” has to be an absolute path in the container, not “${given}”.`,
        value.place,
      );
    return given.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '');
  }

  function actionOf(
    key: string,
    value: ConfigNode,
    at: string,
  ): { signal: string } | { command: readonly string[] } | { restart: true } | null {
    const what = `${at}.${key}`;
    if (key === 'restart')
      return value.kind === 'scalar' && value.value.type === 'boolean' && value.value.value
        ? { restart: true }
        : report('wrong-type', `“${what}” can only be true.`, value.place);
    if (key === 'command') {
      if (value.kind !== 'sequence' || value.items.length === 0)
        return report(
          'wrong-type',
          `“${what}” has to be a list: the program and its arguments.`,
          value.place,
          'For example “command: [nginx, -s, reload]”. There is no shell.',
        );
      const words = value.items.map((item, index) => text(item, `${what}[${index}]`));
      return words.includes(null) ? null : { command: words.filter(word => word !== null) };
    }
    const name = text(value, what)?.toUpperCase().replace(/^SIG/, '');
    if (name === undefined) return null;
    return SIGNALS.includes(name)
      ? { signal: name }
      : report(
          'sync-signal',
          `“${what}”: there is no signal ${name}.`,
          value.place,
          `Known: ${SIGNALS.join(', ')}.`,
        );
  }

  if (node.kind !== 'sequence') {
    report('wrong-type', `“${path}” has to be a list.`, node.place);
    return { settings: [], problems };
  }
  const settings = node.items.map((item, index) => one(item, `${path}[${index}]`));
  return { settings: settings.filter(each => each !== null), problems };
}

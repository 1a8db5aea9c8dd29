import { describe, expect, it } from 'vitest';
import { syncSnapshots } from '../testing/sync-worlds.ts';
import { projectWord, sentenceOf, statusOf, took, viewOfContainer, viewOfMany } from './sync.ts';

const [sample] = syncSnapshots.equal.containers;
if (sample === undefined) throw new Error('No container in the sample');
const on = { ...sample, on: true };

describe('the words of a sync switch', () => {
  it.each([
    [{ on: false }, 'Off', 'off', 'off'],
    [{ state: 'equal' }, 'On, equal', 'on', 'on'],
    [{ state: 'sending', pending: 3 }, 'Sending 3', 'busy', 'on'],
    [{ state: 'starting' }, 'Starting', 'busy', 'on'],
    [{ state: 'waiting' }, 'When it runs', 'wait', 'on'],
    [{ state: 'drift' }, 'Drift', 'drift', 'on'],
    [{ state: 'degraded' }, 'Degraded', 'failed', 'on'],
    [{ state: 'paused' }, 'Paused', 'paused', 'on'],
    [{ state: 'refused' }, 'Refused', 'refused', 'on'],
  ] as const)('%o', (change, word, look, checked) => {
    expect(viewOfContainer({ ...on, ...change })).toMatchObject({ word, look, checked });
  });

  it('of several are mixed where one is off, and say how many', () => {
    const off = { ...on, on: false };
    expect(viewOfMany([on, off, off, on])).toMatchObject({ word: '2 of 4', look: 'mixed', checked: 'mixed' });
    expect(viewOfMany([on, on])).toMatchObject({ word: 'On, equal', checked: 'on' });
    expect(viewOfMany([off, off])).toMatchObject({ word: 'Off', checked: 'off' });
    expect(viewOfMany([on, { ...on, state: 'waiting' }])).toMatchObject({ word: 'On', look: 'on' });
    expect(
      viewOfMany([
        { ...on, state: 'waiting' },
        { ...on, state: 'waiting' },
      ]),
    ).toMatchObject({ word: 'Waits', look: 'wait' });
  });

  it('name trouble before anything else', () => {
    const drift = { ...on, state: 'drift' as const, reason: 'changed inside' };
    expect(viewOfMany([on, drift, { ...on, on: false }])).toEqual({
      look: 'drift',
      word: 'Drift, 1 of 3',
      checked: 'mixed',
      title: 'changed inside',
    });
    expect(viewOfMany([drift, { ...on, state: 'degraded' }])).toMatchObject({ word: 'Degraded, 1 of 2' });
  });

  it('follow the engine while there is no container', () => {
    expect(viewOfMany([], 'on')).toMatchObject({ word: 'Waits', checked: 'on' });
    expect(viewOfMany([], 'off')).toMatchObject({ word: 'Off', checked: 'off' });
    expect(viewOfMany([])).toMatchObject({ look: 'none', checked: null });
  });
});

describe('the whole project', () => {
  it.each([
    ['off', 'Sync, off', 'stopped', 'off'],
    ['mixed', 'Sync, 3 of 7', 'wait', '2 of 3 equal'],
    ['equal', 'Sync, 7 of 7', 'ok', '7 of 7 equal'],
    ['sending', 'Sync, 3 of 7', 'working', '0 of 3 equal'],
    ['drift', 'Sync, 2 of 7, drift', 'warn', 'drift in 1'],
    ['degraded', 'Sync, 2 of 7, refused', 'bad', '1 refused'],
    ['paused', 'Sync, 2 of 7', 'stopped', 'paused'],
    ['blocked', 'Sync, 7 of 7', 'bad', 'blocked'],
  ] as const)('%s', (world, head, tone, word) => {
    expect(projectWord(syncSnapshots[world])).toBe(head);
    expect(statusOf(syncSnapshots[world])).toEqual({ tone, word });
  });

  it('says how old the proof is', () => {
    const now = Date.parse('2026-11-21T14:02:31Z');
    expect(sentenceOf({ ...on, verifiedAt: '2026-11-21T14:02:29Z' }, now)).toBe(
      'Equal to the folder, verified 2 s ago',
    );
    expect(sentenceOf({ ...on, verifiedAt: null }, now)).toBe('Equal to the folder, as acknowledged');
  });

  it('writes milliseconds until a second', () => {
    expect([took(6.6), took(999), took(1234)]).toEqual(['7 ms', '999 ms', '1.2 s']);
  });
});

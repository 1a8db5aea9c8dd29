import { describe, expect, it } from 'vitest';
import { isReply, keyAction, platformOf, type KeyAction, type Platform } from './keys.ts';

function action(chord: string, platform: Platform, hasSelection = false): KeyAction {
  const parts = chord.split('+');
  return keyAction(
    {
      key: parts.at(-1) ?? '',
      ctrlKey: parts.includes('Ctrl'),
      metaKey: parts.includes('Meta'),
      shiftKey: parts.includes('Shift'),
      altKey: parts.includes('Alt'),
    },
    platform,
    hasSelection,
  );
}

describe('a key in a terminal', () => {
  it('copies and pastes by the habits of each system', () => {
    for (const platform of ['linux', 'windows', 'mac'] as const) {
      expect(action('Ctrl+Insert', platform)).toBe('copy');
      expect(action('Shift+Insert', platform)).toBe('paste');
    }
    for (const platform of ['linux', 'windows'] as const) {
      expect(action('Ctrl+Shift+C', platform)).toBe('copy');
      expect(action('Ctrl+Shift+V', platform)).toBe('paste');
      expect(action('Meta+c', platform)).toBe('shell');
    }
    expect(action('Meta+c', 'mac')).toBe('copy');
    expect(action('Meta+v', 'mac')).toBe('paste');
  });

  it('interrupts with Ctrl+C, but for a selection on Windows', () => {
    expect(action('Ctrl+c', 'linux', true)).toBe('shell');
    expect(action('Ctrl+c', 'mac', true)).toBe('shell');
    expect(action('Ctrl+c', 'windows')).toBe('shell');
    expect(action('Ctrl+c', 'windows', true)).toBe('copy');
    expect(action('Ctrl+v', 'windows')).toBe('paste');
    expect(action('Ctrl+v', 'linux')).toBe('shell');
  });

  it.each([
    'Escape',
    'Tab',
    'F1',
    'F3',
    'F5',
    'Ctrl+b',
    'Ctrl+d',
    'Ctrl+f',
    'Ctrl+j',
    'Ctrl+k',
    'Ctrl+o',
    'Ctrl+r',
    'Ctrl+w',
    'Ctrl+Enter',
    'Ctrl+.',
    'Ctrl+1',
    's',
    't',
    '?',
    '/',
    'Alt+f',
    'Alt+Ctrl+k',
  ])('is the shell’s: %s', chord => {
    for (const platform of ['linux', 'windows'] as const) expect(action(chord, platform)).toBe('shell');
  });

  it('is the window’s for the palette, the dock and the way out', () => {
    expect(['Ctrl+Shift+K', 'Ctrl+Shift+J', 'F6', 'Shift+F6'].map(chord => action(chord, 'linux'))).toEqual(
      Array.from({ length: 4 }, () => 'app'),
    );
    expect(action('Meta+k', 'mac')).toBe('app');
    expect(action('F6', 'mac')).toBe('app');
    expect(action('Ctrl+k', 'mac')).toBe('shell');
  });

  it('finds', () => {
    for (const platform of ['linux', 'windows'] as const)
      expect(action('Ctrl+Shift+F', platform)).toBe('find');
    expect(action('Meta+f', 'mac')).toBe('find');
    expect(action('Ctrl+f', 'mac')).toBe('shell');
  });

  it('knows the systems by their names', () => {
    expect(['darwin', 'MacIntel', 'win32', 'Win32', 'linux', 'Linux x86_64'].map(platformOf)).toEqual([
      'mac',
      'mac',
      'windows',
      'windows',
      'linux',
      'linux',
    ]);
  });
});

describe('what xterm answers by itself', () => {
  it('is told from what a person types', () => {
    for (const reply of [
      '\u001b[24;80R',
      '\u001b[?62;22c',
      '\u001b[>0;276;0c',
      '\u001b[0n',
      '\u001b]11;rgb:ffff/ffff/ffff\u001b\\',
      '\u001b[I',
      '\u001b[24;80R\u001b[?1;2c',
    ])
      expect(isReply(reply)).toBe(true);
    for (const typed of [
      'R',
      'ls\r',
      '\u001b',
      '\u001b[A',
      '\u001bOA',
      '\u001b[1;5C',
      '\u001b[3~',
      '\u001b[200~text\u001b[201~',
      '\u0003',
    ])
      expect(isReply(typed)).toBe(false);
  });
});

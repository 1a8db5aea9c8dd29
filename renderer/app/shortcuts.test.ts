import { describe, expect, it } from 'vitest';
import { ariaKeys, matches, mayFire, shortcuts, shownKeys, type KeyPress } from './shortcuts.ts';

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

describe('keys', () => {
  it('match with Ctrl here and Cmd on macOS, and with nothing else held', () => {
    expect(matches(press('k', { ctrlKey: true }), 'Ctrl+K', false)).toBe(true);
    expect(matches(press('k', { metaKey: true }), 'Ctrl+K', true)).toBe(true);
    expect(matches(press('k', { ctrlKey: true }), 'Ctrl+K', true)).toBe(false);
    expect(matches(press('k', { ctrlKey: true, altKey: true }), 'Ctrl+K', false)).toBe(false);
    expect(matches(press('K', { ctrlKey: true, shiftKey: true }), 'Ctrl+K', false)).toBe(false);
    expect(matches(press('k'), 'Ctrl+K', false)).toBe(false);
  });

  it('match a sign by its character, however it is typed', () => {
    expect(matches(press('?', { shiftKey: true }), '?', false)).toBe(true);
    expect(matches(press('?'), '?', false)).toBe(true);
    expect(matches(press('.', { ctrlKey: true }), 'Ctrl+.', false)).toBe(true);
    expect(matches(press('/', { shiftKey: true }), '/', false)).toBe(true);
  });

  it('leave letters to the field that is typed in', () => {
    const input = document.createElement('input');
    const box = Object.assign(document.createElement('input'), { type: 'checkbox' });
    expect(mayFire(press('?'), '?', input)).toBe(false);
    expect(mayFire(press('?'), '?', box)).toBe(true);
    expect(mayFire(press('?'), '?', document.body)).toBe(true);
    expect(mayFire(press('k', { ctrlKey: true }), 'Ctrl+K', input)).toBe(true);
    expect(mayFire(press('F6'), 'F6', input)).toBe(true);
  });

  it('are written as their keyboards name them', () => {
    expect(shownKeys('Ctrl+Enter', false)).toEqual(['Ctrl', 'Enter']);
    expect(shownKeys('Ctrl+K', true)).toEqual(['⌘', 'K']);
    expect(shownKeys('Shift+ArrowDown', false)).toEqual(['Shift', '↓']);
    expect(ariaKeys('Ctrl+K', false)).toBe('Control+K');
  });

  it('are each given once', () => {
    const all = Object.values(shortcuts).map(entry => entry.keys);
    expect(new Set(all).size).toBe(all.length);
  });
});

import { describe, expect, it } from 'vitest';
import { coloursOf, contrastOf } from './colours.ts';

describe('colours of a terminal', () => {
  it('are brought to a contrast of 4.5, and of 7 where the theme is for contrast', () => {
    const root = document.createElement('div');
    expect(contrastOf(root)).toBe(4.5);
    root.dataset['theme'] = 'dark';
    expect(contrastOf(root)).toBe(4.5);
    root.dataset['theme'] = 'contrast';
    expect(contrastOf(root)).toBe(7);
  });

  it('are the tokens of the window', () => {
    const root = document.createElement('div');
    root.style.setProperty('--text', '#111111');
    root.style.setProperty('--surface-sunken', '#fafafa');
    root.style.setProperty('--ansi-9', '#cc0000');
    document.body.append(root);
    expect(coloursOf(root)).toMatchObject({
      foreground: '#111111',
      background: '#fafafa',
      brightRed: '#cc0000',
    });
    root.remove();
  });
});

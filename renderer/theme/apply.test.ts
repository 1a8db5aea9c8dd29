import { describe, expect, it } from 'vitest';
import { resolveTheme } from './apply.ts';

const asking =
  (...queries: readonly string[]) =>
  (query: string) =>
    queries.includes(query);

describe('the theme', () => {
  it('is what was chosen, whatever the system says', () => {
    expect(resolveTheme('light', asking('(prefers-color-scheme: dark)'))).toBe('light');
  });
  it('follows the system; more contrast comes first', () => {
    expect(resolveTheme('system', asking())).toBe('light');
    expect(resolveTheme('system', asking('(prefers-color-scheme: dark)'))).toBe('dark');
    expect(resolveTheme('system', asking('(prefers-color-scheme: dark)', '(prefers-contrast: more)'))).toBe(
      'contrast',
    );
    expect(resolveTheme('system', asking('(forced-colors: active)'))).toBe('contrast');
  });
});

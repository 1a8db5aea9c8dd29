import type { Settings } from '../../preload/contract/settings.ts';

export type Theme = 'light' | 'dark' | 'contrast';

/** "System" is resolved here: a wish for more contrast wins over dark and light. */
export function resolveTheme(wanted: Settings['theme'], asks: (query: string) => boolean): Theme {
  if (wanted !== 'system') return wanted;
  if (asks('(prefers-contrast: more)') || asks('(forced-colors: active)')) return 'contrast';
  return asks('(prefers-color-scheme: dark)') ? 'dark' : 'light';
}

const queries = ['(prefers-contrast: more)', '(forced-colors: active)', '(prefers-color-scheme: dark)'];

/** Sets the theme and keeps it equal to the system's when that is what was asked for. */
export function applyTheme(wanted: Settings['theme'], target: Window = window): () => void {
  const lists = queries.map(query => target.matchMedia(query));
  const apply = () => {
    const asks = (query: string) => lists[queries.indexOf(query)]?.matches === true;
    target.document.documentElement.dataset['theme'] = resolveTheme(wanted, asks);
  };
  apply();
  if (wanted !== 'system') return () => undefined;
  for (const list of lists) list.addEventListener('change', apply);
  return () => {
    for (const list of lists) list.removeEventListener('change', apply);
  };
}

const focusable = 'a[href], button:not([disabled]), input:not([disabled]), select, [tabindex="0"]';

/** F6 goes from one part of the window to the next: title bar, sidebar, main, inspector, dock, status bar. */
export function nextRegion(step: 1 | -1, root: Document = document): void {
  const regions = [...root.querySelectorAll<HTMLElement>('[data-region]')].filter(isShown);
  if (regions.length === 0) return;
  const at = regions.findIndex(region => region.contains(root.activeElement));
  const start = at < 0 ? (step === 1 ? -1 : 0) : at;
  for (let tries = 1; tries <= regions.length; tries += 1) {
    const region = regions[(start + step * tries + regions.length * 2) % regions.length];
    const first = region === undefined ? undefined : entryOf(region);
    if (first !== undefined) {
      first.focus();
      return;
    }
  }
}

/** The row at hand where the region is a list, the link of the screen at hand in the sidebar, else its first control. */
function entryOf(region: HTMLElement): HTMLElement | undefined {
  const row = region.querySelector<HTMLElement>('[data-row][tabindex="0"]');
  const here = region.querySelector<HTMLElement>('[aria-current="page"]');
  return row ?? here ?? [...region.querySelectorAll<HTMLElement>(focusable)].find(isShown);
}

const isShown = (element: HTMLElement) => element.closest('[hidden]') === null;

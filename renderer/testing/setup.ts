import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// Several seconds are what a screen takes to be loaded where other suites run beside this one.
const patience = 30_000;
configure({ asyncUtilTimeout: patience });
const waitFor = vi.waitFor.bind(vi);
vi.waitFor = (callback, options) => waitFor(callback, options ?? patience);

// jsdom has no layout: every element is as large as a view, so that a virtual list shows its first rows.
class NoResize implements ResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
globalThis.ResizeObserver ??= NoResize;
Object.defineProperties(Element.prototype, {
  clientWidth: { configurable: true, get: () => 900 },
  clientHeight: { configurable: true, get: () => 600 },
});
Object.assign(Element.prototype, { scrollIntoView: () => undefined, hasPointerCapture: () => false });

Object.defineProperty(window, 'matchMedia', {
  writable: true,
  value: (query: string) => ({
    matches: false,
    media: query,
    onchange: null,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    addListener: () => undefined,
    removeListener: () => undefined,
    dispatchEvent: () => false,
  }),
});

afterEach(() => {
  cleanup();
  window.location.hash = '';
  window.localStorage.clear();
});

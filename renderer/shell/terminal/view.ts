import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import type { PtahClient } from '../../../preload/contract/client.ts';
import type { TerminalInfo } from '../../../preload/contract/terminals.ts';
import { coloursOf, contrastOf } from './colours.ts';
import { createInputQueue, fromBase64 } from './input-queue.ts';
import { isReply, keyAction, platformOf } from './keys.ts';

export interface ViewEvents {
  onInfo(info: TerminalInfo): void;
  /** Null: the engine does not answer or knows it no more; the attach is tried again. */
  onLost(error: unknown): void;
  onFind(): void;
  onPaste(text: string): void;
  onHits(at: number, count: number): void;
  onNotice(text: string): void;
}

export interface View {
  focus(): void;
  selection(): string;
  selectAll(): void;
  copy(): Promise<void>;
  /** Typed as a paste: between brackets where the shell wants them. */
  paste(text: string): void;
  readonly bracketed: boolean;
  find(text: string, direction: 'next' | 'previous', typing?: boolean): void;
  endFind(): void;
  setScreenReader(on: boolean): void;
  dispose(): void;
}

const scrollbackLines = 10_000;
const retryMs = 1_000;
const fontSize = 12;

/** xterm in an element, joined to a terminal of the engine. Everything it knows it has from the replay: it can go at any time. */
export function createView(
  element: HTMLElement,
  client: PtahClient,
  id: string,
  events: ViewEvents,
  options: { readonly screenReader: boolean; readonly platform: string },
): View {
  const root = document.documentElement;
  const platform = platformOf(options.platform);
  const controller = new AbortController();
  const term = new Terminal({
    allowProposedApi: true,
    cursorBlink: false,
    fontFamily: getComputedStyle(root).getPropertyValue('--font-mono').trim() || 'monospace',
    fontSize,
    lineHeight: 1.25,
    scrollback: scrollbackLines,
    macOptionIsMeta: true,
    rightClickSelectsWord: false,
    screenReaderMode: options.screenReader,
    minimumContrastRatio: contrastOf(root),
    theme: coloursOf(root),
    // a link whose text hides where it leads goes nowhere but to the web
    linkHandler: { activate: (_, uri) => openLink(uri), allowNonHttpProtocols: false },
  });
  const fit = new FitAddon();
  const search = new SearchAddon();
  term.loadAddon(fit);
  term.loadAddon(search);
  term.loadAddon(new Unicode11Addon());
  term.unicode.activeVersion = '11';
  term.loadAddon(new WebLinksAddon((_, uri) => openLink(uri)));
  term.open(element);
  search.onDidChangeResults(({ resultIndex, resultCount }) => events.onHits(resultIndex + 1, resultCount));

  function openLink(uri: string): void {
    client
      .request('app.openExternal', { url: uri })
      .catch((error: unknown) => events.onNotice(error instanceof Error ? error.message : String(error)));
  }

  // --- input
  let running = false;
  let liveFrom = 0;
  let drawn = 0;
  const queue = createInputQueue(
    data => client.request('terminals.input', { id, data }, { signal: controller.signal }),
    error =>
      !controller.signal.aborted && events.onNotice(error instanceof Error ? error.message : 'Not typed.'),
  );
  /** Of several views the one in front answers what a program asks; of a replay none. */
  const mayAnswer = (): boolean => drawn >= liveFrom && document.hasFocus();
  term.onData(data => {
    if (!running || (isReply(data) && !mayAnswer())) return;
    queue.text(data);
  });
  term.onBinary(data => running && queue.binary(data));

  // --- keys
  term.attachCustomKeyEventHandler(event => {
    const action = keyAction(event, platform, term.hasSelection());
    if (action === 'shell') return true;
    if (event.type !== 'keydown') return false;
    if (action === 'copy') void copy();
    else if (action === 'find') events.onFind();
    else if (action === 'select-all') term.selectAll();
    // pasting is the browser's: its event carries the clipboard without asking for it
    if (action !== 'app' && action !== 'paste') event.preventDefault();
    return false;
  });
  const keepKeys = (event: KeyboardEvent): void => {
    if (keyAction(event, platform, term.hasSelection()) !== 'app') event.stopPropagation();
  };
  element.addEventListener('keydown', keepKeys);
  const onPaste = (event: ClipboardEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (text !== '') events.onPaste(text);
  };
  element.addEventListener('paste', onPaste, true);

  async function copy(): Promise<void> {
    const text = term.getSelection();
    if (text === '') return;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      events.onNotice('The clipboard could not be written.');
    }
  }

  // --- size
  let shown = { cols: 0, rows: 0 };
  function measure(): void {
    if (element.clientWidth === 0 || element.clientHeight === 0) return;
    const size = fit.proposeDimensions();
    if (size === undefined || Number.isNaN(size.cols) || Number.isNaN(size.rows)) return;
    const next = {
      cols: Math.min(Math.max(size.cols, 2), 1000),
      rows: Math.min(Math.max(size.rows, 2), 500),
    };
    if (next.cols === shown.cols && next.rows === shown.rows) return;
    shown = next;
    term.resize(next.cols, next.rows);
    client.request('terminals.resize', { id, ...next }, { signal: controller.signal }).catch(() => undefined);
  }
  const sizes = new ResizeObserver(measure);
  sizes.observe(element);
  const onFocus = (): void => {
    // the view that is used decides how large the shell is
    shown = { cols: 0, rows: 0 };
    measure();
  };
  term.textarea?.addEventListener('focus', onFocus);

  // --- theme
  const themes = new MutationObserver(() => {
    term.options.theme = coloursOf(root);
    term.options.minimumContrastRatio = contrastOf(root);
  });
  themes.observe(root, { attributes: true, attributeFilter: ['data-theme'] });
  void document.fonts?.ready.then(measure);

  // --- output
  let received = 0;
  async function attach(): Promise<void> {
    let first = true;
    for await (const item of client.stream(
      'terminals.attach',
      { id, after: received },
      { signal: controller.signal },
    )) {
      if (item.type === 'state') {
        if (first) liveFrom = item.end;
        first = false;
        running = item.terminal.state === 'running';
        const { cols, rows } = item.terminal;
        if ((cols !== term.cols || rows !== term.rows) && !isFront()) term.resize(cols, rows);
        events.onInfo(item.terminal);
      } else if (item.type === 'reset') {
        term.reset();
        received = item.from;
      } else {
        const bytes = fromBase64(item.data);
        received = item.from + bytes.length;
        const upTo = received;
        // oxlint-disable-next-line no-await-in-loop -- xterm says when it can take more
        await new Promise<void>(resolve => term.write(bytes, resolve));
        drawn = upTo;
      }
    }
  }
  const isFront = (): boolean => document.hasFocus() && element.contains(document.activeElement);
  void (async () => {
    while (!controller.signal.aborted) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one stream after the other
        await attach();
        if (!controller.signal.aborted) events.onLost(null);
      } catch (error) {
        if (!controller.signal.aborted) events.onLost(error);
      }
      running = false;
      // oxlint-disable-next-line no-await-in-loop -- not all at once
      await new Promise(resolve => setTimeout(resolve, retryMs));
    }
  })();
  measure();

  return {
    focus: () => term.focus(),
    selection: () => term.getSelection(),
    selectAll: () => term.selectAll(),
    copy,
    paste: text => term.paste(text),
    get bracketed() {
      return term.modes.bracketedPasteMode;
    },
    find(text, direction, typing = false) {
      const style = getComputedStyle(root);
      const colour = (name: string): string => style.getPropertyValue(name).trim();
      const decorations = {
        matchBackground: colour('--mark'),
        matchOverviewRuler: colour('--mark'),
        activeMatchBackground: colour('--accent'),
        activeMatchColorOverviewRuler: colour('--accent'),
      };
      const found = { decorations, incremental: typing };
      if (text === '') search.clearDecorations();
      else if (direction === 'next') search.findNext(text, found);
      else search.findPrevious(text, found);
    },
    endFind: () => search.clearDecorations(),
    setScreenReader: on => {
      term.options.screenReaderMode = on;
    },
    dispose() {
      controller.abort();
      sizes.disconnect();
      themes.disconnect();
      element.removeEventListener('keydown', keepKeys);
      element.removeEventListener('paste', onPaste, true);
      term.dispose();
    },
  };
}

/** What is to be done later; nothing of it once it is closed. */
export class Timers {
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  later(milliseconds: number, action: () => void): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, milliseconds);
    this.#timers.add(timer);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }
}

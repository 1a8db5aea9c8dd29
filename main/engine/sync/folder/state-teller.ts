import type { FolderState } from './types.ts';

/** Tells whoever listens how the folder is watched, once for every change of that. */
export class StateTeller {
  readonly #listeners = new Set<(state: FolderState) => void>();
  #state: FolderState = { mode: 'watches', message: null, hint: null, barrier: null };

  get barrier(): string | null {
    return this.#state.barrier;
  }

  onState(callback: (state: FolderState) => void): () => void {
    this.#listeners.add(callback);
    callback(this.#state);
    return () => void this.#listeners.delete(callback);
  }

  hold(barrier: string | null): void {
    this.tell({ ...this.#state, barrier });
  }

  failure(message: string): void {
    const consequence = 'Nothing is changed in the containers until it can be read again.';
    // `hint` is a command to copy, and there is none for this
    this.tell({
      mode: 'off',
      message: `${message} ${consequence}`,
      hint: null,
      barrier: this.#state.barrier,
    });
  }

  tell(state: FolderState): void {
    const { mode, message, hint, barrier } = this.#state;
    if (state.mode === mode && state.message === message && state.hint === hint && state.barrier === barrier)
      return;
    this.#state = state;
    for (const callback of this.#listeners) callback(state);
  }
}

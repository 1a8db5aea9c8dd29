/** Lines of some 100 bytes come 20,000 times a second in what is called a flood; a third of it is where the kubelet falls behind. */
const FLOOD_BYTES_A_SECOND = 768 * 1024;
const WINDOW_MS = 1_000;
const WINDOWS = 2;

/** Tells whether so much comes, for some seconds on end, that the log's own stream is the wrong way. */
export class FloodWatch {
  readonly #bytesASecond: number;
  #began: number | null = null;
  #bytes = 0;
  #full = 0;

  constructor(bytesASecond = FLOOD_BYTES_A_SECOND) {
    this.#bytesASecond = bytesASecond;
  }

  arrived(bytes: number, ms: number): boolean {
    this.#began ??= ms;
    const passed = ms - this.#began;
    if (passed >= WINDOW_MS) {
      this.#full = this.#bytes * 1_000 >= this.#bytesASecond * passed ? this.#full + 1 : 0;
      this.#bytes = 0;
      this.#began = ms;
    }
    this.#bytes += bytes;
    return this.#full >= WINDOWS;
  }
}

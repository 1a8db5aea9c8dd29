/**
 * SM3 (GB/T 32905-2016). Python's hashlib offers it where OpenSSL does, so a project may name it; the hash library at hand lacks it,
 * and so does BoringSSL in Electron.
 */
export class Sm3 {
  readonly #state = Uint32Array.of(
    0x7380166f,
    0x4914b2b9,
    0x172442d7,
    0xda8a0600,
    0xa96f30bc,
    0x163138aa,
    0xe38dee4d,
    0xb0fb0e4e,
  );
  readonly #block = new Uint8Array(64);
  readonly #words = new Uint32Array(68);
  #filled = 0;
  #length = 0;

  update(bytes: Uint8Array): this {
    this.#length += bytes.length;
    let offset = 0;
    while (offset < bytes.length) {
      const take = Math.min(64 - this.#filled, bytes.length - offset);
      this.#block.set(bytes.subarray(offset, offset + take), this.#filled);
      this.#filled += take;
      offset += take;
      if (this.#filled === 64) this.#compress();
    }
    return this;
  }

  digest(): Uint8Array {
    const bits = this.#length * 8;
    this.#block[this.#filled++] = 0x80;
    if (this.#filled > 56) {
      this.#block.fill(0, this.#filled);
      this.#compress();
    }
    this.#block.fill(0, this.#filled, 56);
    const tail = new DataView(this.#block.buffer);
    tail.setUint32(56, Math.floor(bits / 2 ** 32));
    tail.setUint32(60, bits >>> 0);
    this.#compress();
    const out = new Uint8Array(32);
    const view = new DataView(out.buffer);
    this.#state.forEach((word, index) => view.setUint32(index * 4, word));
    return out;
  }

  #compress(): void {
    const w = this.#words;
    const view = new DataView(this.#block.buffer);
    const at = (index: number): number => w[index] ?? 0;
    for (let j = 0; j < 16; j++) w[j] = view.getUint32(j * 4);
    for (let j = 16; j < 68; j++) {
      const mixed = at(j - 16) ^ at(j - 9) ^ rotate(at(j - 3), 15);
      w[j] = mixed ^ rotate(mixed, 15) ^ rotate(mixed, 23) ^ rotate(at(j - 13), 7) ^ at(j - 6);
    }
    // Plain variables: destructuring by arrays made this ten times slower.
    const state = this.#state;
    const old = (index: number): number => state[index] ?? 0;
    let a = old(0);
    let b = old(1);
    let c = old(2);
    let d = old(3);
    let e = old(4);
    let f = old(5);
    let g = old(6);
    let h = old(7);
    for (let j = 0; j < 64; j++) {
      const early = j < 16;
      const turned = rotate(a, 12);
      const ss1 = rotate((turned + e + rotate(early ? 0x79cc4519 : 0x7a879d8a, j % 32)) | 0, 7);
      const ff = early ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
      const gg = early ? e ^ f ^ g : (e & f) | (~e & g);
      const tt1 = (ff + d + (ss1 ^ turned) + (at(j) ^ at(j + 4))) | 0;
      const tt2 = (gg + h + ss1 + at(j)) | 0;
      d = c;
      c = rotate(b, 9);
      b = a;
      a = tt1;
      h = g;
      g = rotate(f, 19);
      f = e;
      e = tt2 ^ rotate(tt2, 9) ^ rotate(tt2, 17);
    }
    state[0] = old(0) ^ a;
    state[1] = old(1) ^ b;
    state[2] = old(2) ^ c;
    state[3] = old(3) ^ d;
    state[4] = old(4) ^ e;
    state[5] = old(5) ^ f;
    state[6] = old(6) ^ g;
    state[7] = old(7) ^ h;
    this.#filled = 0;
  }
}

function rotate(word: number, by: number): number {
  return by === 0 ? word : (word << by) | (word >>> (32 - by));
}

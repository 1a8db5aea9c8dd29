/** Half of what the contract takes, as base64 is larger. */
const largestBytes = 128 * 1024;

export interface InputQueue {
  /** What was typed or pasted, in order. */
  text(data: string): void;
  /** Bytes as xterm's `onBinary` gives them: one per character. */
  binary(data: string): void;
}

/** One request at a time, everything typed meanwhile in the next: order is kept and a slow shell is never flooded. */
export function createInputQueue(
  send: (base64: string) => Promise<unknown>,
  onFailure: (error: unknown) => void,
): InputQueue {
  let queue: Uint8Array[] = [];
  let sending = false;

  async function pump(): Promise<void> {
    if (sending) return;
    sending = true;
    try {
      while (queue.length > 0) {
        const bytes = join(queue);
        queue = bytes.length > largestBytes ? [bytes.subarray(largestBytes)] : [];
        // oxlint-disable-next-line no-await-in-loop -- the order of the keys
        await send(toBase64(bytes.subarray(0, largestBytes)));
      }
    } catch (error) {
      // what follows a key that was lost must not be run without it
      queue = [];
      onFailure(error);
    } finally {
      sending = false;
    }
  }

  const add = (bytes: Uint8Array): void => {
    queue.push(bytes);
    void pump();
  };
  return {
    text: data => add(new TextEncoder().encode(data)),
    binary: data => add(Uint8Array.from(data, character => character.charCodeAt(0))),
  };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

export const fromBase64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text), character => character.charCodeAt(0));

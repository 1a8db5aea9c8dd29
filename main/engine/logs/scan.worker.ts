// A thread that looks through lines: a pattern that takes for ever takes nobody's time but its own.
import { parentPort } from 'node:worker_threads';
import { scan, type ScanRequest } from './scan.ts';

interface Question {
  readonly id: number;
  readonly requests: readonly ScanRequest[];
}

parentPort?.on('message', ({ id, requests }: Question) => {
  try {
    const found = requests.map(scan);
    parentPort?.postMessage(
      { id, found },
      found.map(seqs => seqs.buffer as ArrayBuffer),
    );
  } catch (error) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin, unlike a window
    parentPort?.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});

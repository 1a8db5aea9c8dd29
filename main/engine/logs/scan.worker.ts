// A thread that looks through lines: a pattern that takes for ever takes nobody's time but its own.
import { parentPort } from 'node:worker_threads';
import { scan, type ScanRequest } from './scan.ts';

parentPort?.on('message', ({ id, request }: { readonly id: number; readonly request: ScanRequest }) => {
  try {
    const seqs = scan(request);
    parentPort?.postMessage({ id, seqs }, [seqs.buffer as ArrayBuffer]);
  } catch (error) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin, unlike a window
    parentPort?.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});

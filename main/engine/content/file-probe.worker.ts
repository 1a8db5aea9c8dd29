// A thread that reads and hashes small files for another one.
import { parentPort } from 'node:worker_threads';
import { probe } from './file-probe.ts';
import type { ProbeRequest } from './file-probe.ts';

parentPort?.on('message', (request: ProbeRequest) => {
  const answer = probe(request);
  parentPort?.postMessage(answer, [answer.facts.buffer]);
});

import { EventEmitter } from 'node:events';
import type { MessagePort as NodeMessagePort } from 'node:worker_threads';
import type { MessagePortMain } from 'electron';
import { guard } from './guard.ts';

/** The main process's end of a port that a page handed over: queues until it is started, like the real one. */
export function fakePortMain(port: MessagePort): MessagePortMain {
  // Node's port is both: a web `MessagePort` and an emitter
  const node = port as unknown as NodeMessagePort;
  const emitter = new EventEmitter();
  node.once('close', () => emitter.emit('close'));
  return guard(
    'MessagePortMain',
    Object.assign(emitter, {
      start() {
        node.on('message', (data: unknown) => emitter.emit('message', { data, ports: [] }));
      },
      postMessage: node.postMessage.bind(node),
      close: () => node.close(),
    }),
  ) as MessagePortMain;
}

export { attachClient } from './attach-client.ts';
export { createEngineOrAttach } from './engine-or-attach.ts';
export type { EngineHandle, EngineOrAttachOptions } from './engine-or-attach.ts';
export { openSocketServer } from './serve-socket.ts';
export type { SocketServer } from './serve-socket.ts';

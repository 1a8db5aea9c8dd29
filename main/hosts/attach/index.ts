export { attachClient } from './attach-client.ts';
export { openSocketServer } from './serve-socket.ts';
export { worldOf } from './hello.ts';
export { createEngineOrAttach } from './engine-or-attach.ts';
export type { EngineHandle, EngineOrAttachOptions } from './engine-or-attach.ts';

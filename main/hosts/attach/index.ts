export { attachClient } from './attach-client.ts';
export { createEngineOrAttach } from './engine-or-attach.ts';
export type { EngineHandle, EngineOrAttachOptions } from './engine-or-attach.ts';

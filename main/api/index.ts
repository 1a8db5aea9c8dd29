export { createApi } from './api.ts';
export type { Api } from './api.ts';
export type { ApiEngine, CallContext, Host } from './handler.ts';
export { createRelayApi } from './relay.ts';
export { toWireError } from './wire-error.ts';
export { checkExternalUrl } from './external-url.ts';

export { connect } from './connect.ts';
export { createClient } from '../../preload/contract/wire-client.ts';
export type { ClientOptions, WireClient } from '../../preload/contract/wire-client.ts';

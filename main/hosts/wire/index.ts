export { serveConnection } from './serve-connection.ts';
export type { Connection, ConnectionLimits, ConnectionOptions } from './serve-connection.ts';
export { lineChannel } from './line-channel.ts';
export { webSocketChannel } from './web-socket-channel.ts';
export { memoryChannels } from './memory-channel.ts';
export { approximateSize } from './approximate-size.ts';

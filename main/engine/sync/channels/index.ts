export { channelOpeners, createOpenChannel } from './open-channel.ts';
export type { ChannelOpeners, OpenChannelOptions } from './open-channel.ts';
export type { ChannelLimits } from './limits.ts';

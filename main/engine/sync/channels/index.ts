export { channelOpeners, createOpenChannel } from './open-channel.ts';
export type { ChannelOpeners, OpenChannelOptions } from './open-channel.ts';
export { defaultLimits } from './limits.ts';
export type { ChannelLimits } from './limits.ts';

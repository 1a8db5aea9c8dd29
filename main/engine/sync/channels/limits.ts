/** Times in milliseconds; tests shorten them. */
export interface ChannelLimits {
  /** No sign of life for so long, while an answer is due, and the channel is lost. */
  readonly silence: number;
  /** For opening one. */
  readonly open: number;
  /** A sign of life is asked for when nothing else was said; the helper in the node takes three times that for our end. */
  readonly idlePing: number;
  /** What a slow connection is granted per MiB on top. */
  readonly perMiB: number;
}

export const defaultLimits: ChannelLimits = {
  silence: 5000,
  open: 15_000,
  idlePing: 5000,
  perMiB: 250,
};

import type { Cluster } from '../../cluster/index.ts';
import type { Docker } from '../../docker/index.ts';
import { PtahError } from '../../errors/index.ts';
import { kindTarget } from '../../targets/index.ts';
import type { Node } from '../../targets/index.ts';
import type { Channel, ContainerAddress, OpenChannel } from '../types.ts';
import { defaultLimits } from './limits.ts';
import type { ChannelLimits } from './limits.ts';
import { openNodeChannel } from './node/node-channel.ts';
import { createNodeLinks } from './node/node-link.ts';
import { runIn } from './run.ts';
import { openShellChannel } from './shell/shell-channel.ts';

export interface OpenChannelOptions {
  readonly docker: Docker;
  readonly cluster: Cluster;
  readonly limits?: Partial<ChannelLimits>;
  /** What the process lists of nodes and containers show of us. */
  readonly label?: string;
  /** Nodes that a channel may go through; by default the Kind nodes of the cluster. */
  readonly nodes?: () => Promise<readonly Node[]>;
}

/** The node is of another machine: that lasts. */
const elsewhere = 'node-elsewhere';

/** What ends the search: another channel would meet the same. */
const final = new Set(['read-only', 'container-gone', 'cancelled', 'not-found']);

export type ChannelOpeners = Readonly<Record<Channel['kind'], OpenChannel>>;

/** The three channels, each by itself. */
export function channelOpeners(options: OpenChannelOptions): ChannelOpeners {
  const { docker, cluster } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const label = options.label ?? 'ptah-desktop';
  const links = createNodeLinks(limits, label);
  const nodes = options.nodes ?? (() => kindTarget(docker, cluster.pinned.clusterName).nodes());
  return {
    async node(address, { targets, signal }) {
      const all = await nodes().catch((error: unknown) => {
        throw new PtahError('channel-unfit', `Docker cannot be asked (${(error as Error).message})`, {
          cause: error,
        });
      });
      const node = all.find(({ name, running }) => name === address.node && running);
      if (node === undefined)
        throw new PtahError(
          all.some(({ name }) => name === address.node) ? 'channel-unfit' : elsewhere,
          `node ${address.node} is no running container of this machine’s Docker`,
        );
      return openNodeChannel({
        address,
        node,
        links,
        targets,
        signal,
        run: (argv, runSignal) => runIn(cluster, address, argv, runSignal),
      });
    },
    stream: (address, { targets, signal }) =>
      openShellChannel({
        cluster,
        address,
        targets,
        limits,
        label,
        signal,
        kind: 'stream',
        reason: 'Through one standing shell in the container.',
      }),
    tar: (address, { targets, signal }) =>
      openShellChannel({
        cluster,
        address,
        targets,
        limits,
        label,
        signal,
        kind: 'tar',
        reason: 'Through `tar` in the container, started for each batch.',
      }),
  };
}

/** The best channel that the container lets us have, with the reason why it is not a better one. */
export function createOpenChannel(options: OpenChannelOptions): OpenChannel {
  const openers = channelOpeners(options);
  return async (address, how) => {
    const reasons: string[] = [];
    let passing = false;
    for (const kind of kinds.slice(0, how.betterThan ? kinds.indexOf(how.betterThan) : kinds.length)) {
      if (how.signal.aborted) throw new PtahError('cancelled', 'Cancelled.');
      try {
        return explained(await openers[kind](address, how), reasons, passing);
      } catch (error) {
        if (how.signal.aborted) throw new PtahError('cancelled', 'Cancelled.');
        if (error instanceof PtahError && final.has(error.code)) throw error;
        // a Docker or a node that was away is back some time; a shell that lacks something lacks it for good
        passing ||= kind === 'node' && !(error instanceof PtahError && error.code === elsewhere);
        reasons.push(`${names[kind]}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    throw none(address, reasons);
  };
}

/** The best first. */
const kinds = ['node', 'stream', 'tar'] as const;
const names = { node: 'the node', stream: 'a standing shell', tar: '`tar`' } as const;

function explained(channel: Channel, reasons: readonly string[], passing: boolean): Channel {
  if (reasons.length === 0) return channel;
  return { ...channel, passing, reason: `${channel.reason} Not through ${reasons.join('; not through ')}.` };
}

function none({ container, pod }: ContainerAddress, reasons: readonly string[]): PtahError {
  return new PtahError('no-channel', `No way into container ${container} of pod ${pod}.`, {
    hint: 'The container needs a shell (`sh`) with `mv` and `chmod`, or its node must run in this machine’s Docker.',
    details: { output: reasons },
  });
}

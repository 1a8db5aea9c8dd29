import { createClient } from '../../../preload/contract/wire-client.ts';
import { createApi } from '../../api/index.ts';
import { createSampleEngine, createSampleHost } from '../../api/testing.ts';
import { describeContract } from '../testing/contract-suite.ts';
import { memoryChannels } from './memory-channel.ts';
import { serveConnection } from './serve-connection.ts';
import type { Connection } from './serve-connection.ts';

describeContract('memory', () => {
  const engine = createSampleEngine();
  const api = createApi(engine, createSampleHost());
  const connections: Connection[] = [];
  const raw = () => {
    const [near, far] = memoryChannels();
    connections.push(serveConnection(far, api));
    return near;
  };
  return Promise.resolve({
    engine,
    listeners: () => engine.listeners(),
    client: () => Promise.resolve(createClient(raw, { reconnect: null })),
    raw: () => Promise.resolve(raw()),
    open: () => ({
      requests: connections.reduce((sum, { open }) => sum + open.requests, 0),
      streams: connections.reduce((sum, { open }) => sum + open.streams, 0),
    }),
    close: () => Promise.resolve(connections.forEach(connection => connection.close('done'))),
  });
});

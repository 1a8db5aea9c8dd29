import type { ForwardsSnapshot, ForwardView } from '../../preload/contract/forwards.ts';
import { FakeFailure, openFeed, type Answers, type Feeds } from './fake-client.ts';

const target = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'api' };

const forward = (change: Partial<ForwardView>): ForwardView => ({
  id: 'f-1',
  target,
  port: 'http',
  podPort: 8000,
  pod: 'api-5d9c-x7k2p',
  localPort: 8000,
  address: 'http://127.0.0.1:8000',
  web: true,
  on: true,
  state: 'active',
  message: null,
  holder: null,
  freePort: null,
  connections: 1,
  served: 12,
  received: 40_960,
  sent: 2048,
  ...change,
});

export const forwardsSnapshot: ForwardsSnapshot = {
  forwards: [
    forward({}),
    forward({
      id: 'f-2',
      target: { ...target, kind: 'StatefulSet', name: 'db' },
      port: 5432,
      localPort: 5432,
      address: '127.0.0.1:5432',
      web: false,
      state: 'reconnecting',
      message: 'No pod of statefulset/db is ready: db-0 is waiting (CrashLoopBackOff).',
      pod: null,
      podPort: null,
    }),
    forward({
      id: 'f-3',
      target: { ...target, name: 'web' },
      port: 8080,
      localPort: 8080,
      address: 'http://127.0.0.1:8080',
      state: 'taken',
      message: 'Port 8080 of this machine is used by node server.js (pid 4312).',
      holder: { pid: 4312, name: 'node server.js' },
      freePort: 8081,
      pod: null,
      podPort: null,
    }),
    forward({ id: 'f-4', target: { ...target, name: 'admin' }, localPort: 9000, on: false, state: 'off' }),
  ],
  api: {
    on: true,
    state: 'active',
    port: 8001,
    address: 'http://127.0.0.1:8001',
    message: null,
    holder: null,
  },
  startWithProject: false,
};

const done = () => ({ ok: true }) as const;

export const forwardAnswers: Answers = {
  'forwards.list': () => forwardsSnapshot,
  'forwards.offers': ({ target: asked }) => ({
    offers: [
      {
        target: asked ?? target,
        port: 'http',
        portName: 'http',
        number: 8000,
        container: 'api',
        localPort: 8000,
        web: true,
        covered: false,
      },
      {
        target: asked ?? target,
        port: 'metrics',
        portName: 'metrics',
        number: 9090,
        container: 'api',
        localPort: 9090,
        web: true,
        covered: false,
      },
    ],
  }),
  'forwards.start': () => forward({}),
  'forwards.move': () => forward({}),
  'forwards.switch': done,
  'forwards.remove': done,
  'forwards.api': () => forwardsSnapshot.api,
  'forwards.startAll': () => forwardsSnapshot,
  'forwards.stopAll': () => ({ stopped: 2 }),
  'forwards.startWithProject': done,
};

export const forwardFeeds: Pick<Feeds, 'forwards.watch'> = {
  'forwards.watch': (_, signal) => openFeed([forwardsSnapshot], signal),
};

export const dashboardAnswers: Answers = {
  'dashboard.find': () => ({
    service: { namespace: 'kubernetes-dashboard', name: 'kubernetes-dashboard', port: 443 },
    user: { namespace: 'kube-system', name: 'dashboard-admin' },
    missing: null,
  }),
  'dashboard.open': () => ({
    url: 'http://127.0.0.1:41234/token/',
    token: null,
    expiresAt: '2026-01-02T03:19:05.000Z',
  }),
  'dashboard.example': () => ({ root: '/home/me/.config/ptah-desktop/dashboards/dev' }),
};

/** The Deployment that the fake cluster runs, one of its ports forwarded and one taken. */
const shopApi = { ...target, namespace: 'shop' };
export const portFeeds: Pick<Feeds, 'forwards.watch'> = {
  'forwards.watch': (_, signal) =>
    openFeed(
      [
        {
          ...forwardsSnapshot,
          forwards: [
            forward({ id: 'f-5', target: shopApi }),
            forward({
              id: 'f-6',
              target: shopApi,
              port: 'metrics',
              localPort: 9090,
              address: 'http://127.0.0.1:9090',
              state: 'taken',
              message: 'Port 9090 of this machine is used by prometheus (pid 711).',
              holder: { pid: 711, name: 'prometheus' },
              freePort: 9091,
              pod: null,
              podPort: null,
            }),
          ],
        },
      ],
      signal,
    ),
};

export const noDashboard: Answers = {
  'dashboard.open': () => {
    throw new FakeFailure(
      'no-dashboard',
      'There is no Service kubernetes-dashboard on kind-dev',
      'Open the example’s and deploy it, or name yours in ptah.yml.',
    );
  },
};

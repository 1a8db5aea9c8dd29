import { readFileSync } from 'node:fs';
import { startFakeApi, type FakeApi } from '../../main/engine/cluster/testing.ts';
import { projectLabel, PROJECT_LABEL, type KubernetesObject } from '../../main/engine/manifests/index.ts';
import { deltaOf, watchWorkloads, type WorkloadsSnapshot } from '../../main/engine/workloads/index.ts';
import { timingOf } from './measure.ts';
import type { Measured } from './report.ts';

const PROJECT = 'bench-workloads';
const DEPLOYMENTS = 50;
const EACH = 100;
const BURST = 500;
const recorded = JSON.parse(
  readFileSync(new URL('../../main/engine/workloads/recorded/running.json', import.meta.url), 'utf8'),
) as KubernetesObject & { readonly status: { readonly containerStatuses: { restartCount: number }[] } };
/** What a kubelet and a scheduler leave in every pod beside what is recorded: about half of it. */
const managedFields = Array.from({ length: 3 }, (_, at) => ({
  manager: `manager-${at}`,
  operation: 'Update',
  apiVersion: 'v1',
  time: '2026-11-21T09:50:33Z',
  fieldsType: 'FieldsV1',
  fieldsV1: Object.fromEntries(
    Array.from({ length: 40 }, (__, field) => [`f:field-${at}-${field}`, { '.': {} }]),
  ),
}));

function podOf(deployment: number, index: number, turn = 0): KubernetesObject {
  const name = `d${deployment}-7c9f6d5b8-${String(index).padStart(5, '0')}`;
  const pod = structuredClone(recorded);
  Object.assign(pod.metadata, {
    name,
    namespace: 'shop',
    uid: `pod-${deployment}-${index}`,
    labels: { app: `d${deployment}`, 'pod-template-hash': '7c9f6d5b8' },
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: `d${deployment}-7c9f6d5b8`,
        uid: `rs-${deployment}`,
        controller: true,
      },
    ],
    managedFields,
  });
  for (const status of pod.status.containerStatuses) status.restartCount = turn;
  return pod;
}

function fill(api: FakeApi): void {
  const labels = { [PROJECT_LABEL]: projectLabel(PROJECT) };
  const status = {
    observedGeneration: 1,
    replicas: EACH,
    readyReplicas: EACH,
    updatedReplicas: EACH,
    availableReplicas: EACH,
  };
  for (let at = 0; at < DEPLOYMENTS; at += 1) {
    const metadata = { namespace: 'shop', generation: 1, creationTimestamp: '2026-11-21T09:50:29Z' };
    api.put({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...metadata, name: `d${at}`, uid: `deployment-${at}`, labels },
      spec: { replicas: EACH },
      status,
    });
    api.put({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        ...metadata,
        name: `d${at}-7c9f6d5b8`,
        uid: `rs-${at}`,
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            name: `d${at}`,
            uid: `deployment-${at}`,
            controller: true,
          },
        ],
      },
      spec: { replicas: EACH },
      status,
    });
    for (let pod = 0; pod < EACH; pod += 1) api.put(podOf(at, pod));
  }
}

/** The engine by itself: from the list of an API server in this process to a picture, and from its watch to what is sent. */
export async function workloadsEngine(
  rounds: number,
  say: (text: string) => void,
): Promise<{ readonly measured: readonly Measured[]; readonly picture: WorkloadsSnapshot }> {
  const api = await startFakeApi();
  const [first, one, many]: [number[], number[], number[]] = [[], [], []];
  let sizes = '';
  let picture: WorkloadsSnapshot | null = null;
  try {
    fill(api);
    const cluster = await api.cluster();
    for (let round = 0; round <= rounds; round += 1) {
      const controller = new AbortController();
      const query = { projectName: PROJECT, namespaces: null, images: () => new Map<string, string>() };
      const began = performance.now();
      const items = watchWorkloads(cluster, query, controller.signal)[Symbol.asyncIterator]();
      let before = await next(items);
      picture = before;
      // asked for at once, as the stream to a window does
      let coming = next(items);
      const text = JSON.stringify(before);
      const took = performance.now() - began;
      let bytes = 0;
      /** Changes the first pods and waits until the last of them is in what would be sent. */
      const change = async (pods: number, turn: number): Promise<number> => {
        // a picture is made ten times a second at the most: the pause after the last is not what is measured
        await new Promise(resolve => setTimeout(resolve, 150));
        const at = performance.now();
        for (let pod = 0; pod < pods; pod += 1) api.put(podOf(Math.floor(pod / EACH), pod % EACH, turn));
        for (let seen = 0; seen < pods;) {
          const after = await coming;
          coming = next(items);
          const delta = deltaOf(before, after);
          bytes = JSON.stringify(delta).length;
          seen += delta.workloads.reduce((sum, workload) => sum + workload.pods.length, 0);
          before = after;
        }
        return performance.now() - at;
      };
      const ones: number[] = [];
      for (let turn = 1; turn <= 10; turn += 1) ones.push(await change(1, round * 100 + turn));
      const small = bytes;
      const burst = await change(BURST, round * 100 + 50);
      coming.catch(() => {});
      controller.abort();
      await items.return?.(undefined);
      sizes = `the picture is ${Math.round(text.length / 1e3).toLocaleString('en')} kB on its way to the window, what changed of one pod ${small.toLocaleString('en')} bytes`;
      say(round === 0 ? 'engine: warmed up' : `engine: round ${round} of ${rounds}`);
      if (round === 0) continue;
      first.push(took);
      one.push(...ones);
      many.push(burst);
    }
    const total = (DEPLOYMENTS * EACH).toLocaleString('en');
    if (picture === null) throw new Error('Nothing was measured');
    const measured = [
      {
        what: `engine: ${total} pods listed, read and made a picture`,
        timings: [timingOf('engine, first picture', first)],
        notes: [sizes, 'The API server stands in this process and its work is part of the time'],
      },
      {
        what: 'engine: from a pod’s change at the API server to what is sent',
        timings: [timingOf('one pod changed', one), timingOf(`${BURST} pods changed`, many)],
        reach: { ours: 'one pod changed', milliseconds: 16 },
      },
    ];
    return { measured, picture };
  } finally {
    await api.close();
  }
}

async function next(items: AsyncIterator<WorkloadsSnapshot>): Promise<WorkloadsSnapshot> {
  const { value, done } = await items.next();
  if (done) throw new Error('The watch of workloads ended');
  return value;
}

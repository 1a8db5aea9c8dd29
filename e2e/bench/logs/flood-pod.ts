import type { Cluster } from '../../../main/engine/cluster/index.ts';
import { shellImage } from '../../../main/engine/cluster/testing.ts';

export const FLOOD_PROJECT = 'bench-logs';
/** Lines a second, of some 100 bytes. */
export const FLOOD_RATE = 20_000;

/** A pod that writes so many numbered lines at the rate, and then nothing more. */
export async function startFlood(cluster: Cluster, namespace: string, lines: number): Promise<void> {
  // Twenty portions a second, each when its time has come: what is late is caught up with.
  const portion = FLOOD_RATE / 20;
  const script = `sleep 3; t0=$(awk '{print $1}' /proc/uptime); i=0; while [ $i -lt ${lines} ]; do
    awk -v a=$i 'BEGIN { for (j = a; j < a + ${portion}; j++) printf "%08d INFO cart: GET /api/cart/8841 200 11ms request=abcdef user=u-17 and some more words..\\n", j }'
    i=$((i+${portion})); wait=$(awk -v t0=$t0 -v i=$i '{ w = t0 + i / ${FLOOD_RATE} - $1; printf "%.3f", (w > 0 ? w : 0) }' /proc/uptime); sleep $wait; done; sleep 3600`;
  await cluster.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'flood', namespace: namespace, labels: { 'ptah-desktop/project': FLOOD_PROJECT } },
    spec: {
      selector: { matchLabels: { app: 'flood' } },
      template: {
        metadata: { labels: { app: 'flood' } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: 'main',
              image: await shellImage(cluster),
              imagePullPolicy: 'Never',
              command: ['/bin/sh', '-c', script],
            },
          ],
        },
      },
    },
  });
}

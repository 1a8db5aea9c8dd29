import { setTimeout as sleep } from 'node:timers/promises';
import { inControlPlane } from '../test-cluster.ts';

const FILE = '/tmp/bench-flood.log';

export interface Followed {
  readonly lines: number;
  /** Different ones: the follower of a kubelet may read a file twice. */
  readonly distinct: number;
}

/** `kubectl logs -f` of the flood, in the node, into a file that is counted afterwards: counting meanwhile would take a core. */
export function kubectlFollows(
  cluster: string,
  namespace: string,
  lines: number,
): { readonly stop: () => Promise<Followed> } {
  const kubectl = `kubectl --kubeconfig /etc/kubernetes/admin.conf -n ${namespace}`;
  const follow = `${kubectl} wait deployment/flood --for=condition=Available --timeout=60s; timeout 600 ${kubectl} logs -f deployment/flood > ${FILE} & echo $! > ${FILE}.pid; wait`;
  const following = inControlPlane(cluster, ['sh', '-c', follow]).catch(() => '');
  return {
    async stop() {
      const count = async (): Promise<number> =>
        Number(await inControlPlane(cluster, ['sh', '-c', `wc -l < ${FILE}`]));
      // it may be behind us: it has ended when nothing comes any more
      let before = -1;
      for (let now = await count(); now !== before && now < lines; now = await count()) {
        before = now;
        await sleep(10_000);
      }
      await inControlPlane(cluster, ['sh', '-c', `kill $(cat ${FILE}.pid) || true`]);
      await following;
      const distinct = await inControlPlane(cluster, ['sh', '-c', `cut -c1-8 ${FILE} | sort -u | wc -l`]);
      const all = await count();
      await inControlPlane(cluster, ['rm', '-f', FILE, `${FILE}.pid`]);
      return { lines: all, distinct: Number(distinct) };
    },
  };
}

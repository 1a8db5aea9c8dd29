import { setTimeout as sleep } from 'node:timers/promises';
import { connectTestCluster, testNamespace } from '../../../main/engine/cluster/testing.ts';
import { watchWorkloads } from '../../../main/engine/workloads/index.ts';
import { timingOf } from '../measure.ts';
import type { Measured } from '../report.ts';
import { ensureCluster } from '../test-cluster.ts';
import { kubectlFollows } from './kubectl.ts';
import { FLOOD_PROJECT, FLOOD_RATE, startFlood } from './flood-pod.ts';
import { everything, openReading, whileWatchingTheLoop } from './reading.ts';

/** A pod that writes as fast as anybody reads, and whether every line arrives. */
export async function flood(folder: string, say: (text: string) => void): Promise<Measured[]> {
  const seconds = Number(process.env.PTAH_BENCH_SECONDS ?? 60);
  const name = await ensureCluster();
  process.env.PTAH_TEST_CLUSTER = name;
  const cluster = await connectTestCluster();
  const space = await testNamespace(cluster, 'bench-logs');
  const lines = FLOOD_RATE * seconds;
  const reading = openReading(folder, async function* (signal) {
    const query = {
      projectName: FLOOD_PROJECT,
      namespaces: [space.name],
      images: () => new Map<string, string>(),
    };
    for await (const snapshot of watchWorkloads(cluster, query, signal)) yield { cluster, snapshot };
  });
  try {
    await startFlood(cluster, space.name, lines);
    const beside = kubectlFollows(name, space.name, lines);
    const until = Date.now() + (4 * seconds + 60) * 1_000;
    const lags: number[] = [];
    const cpuBefore = process.cpuUsage();
    const taken = await whileWatchingTheLoop(async () => {
      let last = 0;
      let lastChange = Date.now();
      let newest = -1;
      while (Date.now() - lastChange < 30_000 && Date.now() < until) {
        await sleep(200);
        const { end } = await reading.logs.lines({ view: everything, from: 0, count: 0 });
        if (end === last) {
          if (newest >= lines - 1) break;
          continue;
        }
        lastChange = Date.now();
        last = end;
        const [row] = (await reading.logs.lines({ view: everything, from: end - 1, count: 1 })).rows;
        if (!row) continue;
        lags.push(Math.max(0, Date.now() - Date.parse(row.at)));
        newest = Number(row.text.slice(0, 8));
        if (lags.length % 25 === 0) say(`${end} lines`);
      }
    });
    const cpu = process.cpuUsage(cpuBefore);
    const seen = await countNumbers(reading.logs, lines);
    const written = (seen.until - seen.from) / 1e3;
    const restarts = reading.status()?.sources[0]?.restarts ?? 0;
    const other = await beside.stop();
    const notes = [
      `From a real pod: ${lines} lines in ${written.toFixed(1)} s (${Math.round(lines / written).toLocaleString('en')} lines/s); lost ${seen.lost}, doubled ${seen.doubled}, out of order ${seen.disordered}, places where something was said to be missing ${seen.said}; restarts ${restarts}`,
      `“kubectl logs -f” of the same pod at the same time: ${other.lines.toLocaleString('en')} lines, lost ${(lines - other.distinct).toLocaleString('en')}, doubled ${(other.lines - other.distinct).toLocaleString('en')}`,
      `CPU ${((cpu.user + cpu.system) / 1e6).toFixed(1)} s; the event loop was held up ${taken.worst.toFixed(1)} ms at the most, ${taken.p99.toFixed(1)} ms in 99 of 100 samples`,
    ];
    return [
      {
        what: `${FLOOD_RATE} lines/s for ${seconds} s: from written to shown`,
        timings: [timingOf('ours', lags)],
        notes,
        failed: seen.lost + seen.doubled > 0,
      },
    ];
  } finally {
    await reading.close();
    await space.remove();
  }
}

async function countNumbers(logs: ReturnType<typeof openReading>['logs'], lines: number) {
  const seen = new Uint8Array(lines);
  let [disordered, said] = [0, 0];
  let before = -1;
  let [from, until] = [Number.POSITIVE_INFINITY, 0];
  const { first, end } = await logs.lines({ view: everything, from: 0, count: 0 });
  for (let row = first; row < end; row += 5_000) {
    const answer = await logs.lines({ view: everything, from: row, count: 5_000 });
    for (const { text, at } of answer.rows) {
      const number = Number(text.slice(0, 8));
      // our own word about a gap
      if (Number.isNaN(number)) {
        said++;
        continue;
      }
      if (number < before) disordered++;
      before = number;
      seen[number] = (seen[number] ?? 0) + 1;
      from = Math.min(from, Date.parse(at));
      until = Math.max(until, Date.parse(at));
    }
  }
  let [lost, doubled] = [0, 0];
  for (const count of seen) {
    if (count === 0) lost++;
    if (count > 1) doubled += count - 1;
  }
  return { lost, doubled, disordered, said, from, until };
}

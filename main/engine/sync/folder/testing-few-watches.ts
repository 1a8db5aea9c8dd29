import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { inotifyWatches, told, watchProject } from './testing.ts';

// Run by a test in a user namespace of its own, whose limit it lowers; the machine's own stays as it is.
writeFileSync('/proc/sys/user/max_inotify_watches', process.argv[2] ?? '64');
const files: Record<string, string> = { Dockerfile: 'FROM scratch\nCOPY . /app\n' };
for (let at = 0; at < 200; at++) files[`d${at}/f`] = `${at}`;
const folder = await watchProject(files, { timing: { poll: 20, heartbeat: 20 } });
const during = inotifyWatches();
const first = folder.states.at(-1);
// Watched and polled folders alike.
for (let at = 0; at < 200; at += 10) folder.write(`d${at}/f`, `changed ${at}`);
folder.write('new/deep/er', 'x');
renameSync(folder.path('d199'), folder.path('moved'));
rmSync(folder.path('d198'), { recursive: true });
await folder.settled();
const equal = told(folder.tree()) === told(await folder.fresh());
writeFileSync('/proc/sys/user/max_inotify_watches', '10000');
await folder.watch.rescan('the limit was raised');
const last = folder.states.at(-1);
const raised = inotifyWatches();
await folder.close();
process.stdout.write(JSON.stringify({ during, first, equal, last, raised, left: inotifyWatches() }));

import { engine } from './background-engine.ts';
import { build } from './build.ts';
import type { Command } from './command.ts';
import { dashboard } from './dashboard.ts';
import { deploy } from './deploy.ts';
import { forward } from './forward.ts';
import { hash } from './hash.ts';
import { images } from './images.ts';
import { logs } from './logs.ts';
import { manifests } from './manifests.ts';
import { nuke } from './nuke.ts';
import { print } from './output.ts';
import { plan } from './plan.ts';
import { project } from './project.ts';
import { setup } from './setup.ts';
import { sync } from './sync.ts';
import { ssh } from './ssh.ts';
import { readVersion } from './version.ts';

const version: Command = {
  name: 'version',
  summary: 'Print the version',
  synopsis: '',
  options: {},
  help: [],
  async run({ format }, terminal) {
    const number = readVersion();
    await print(terminal, { version: number }, format, () => `${number}\n`);
    return 0;
  },
};

/** What `ptah` can do, in the order of its help. */
export const commands: readonly Command[] = [
  project,
  images,
  manifests,
  plan,
  build,
  deploy,
  sync,
  forward,
  dashboard,
  logs,
  hash,
  ssh,
  nuke,
  setup,
  version,
  engine,
];

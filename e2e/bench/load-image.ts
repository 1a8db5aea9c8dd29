// A process that brings an image of Docker into the nodes of a Kind cluster, as a deploy does.
import { connectDocker } from '../../main/engine/docker/index.ts';
import { kindTarget } from '../../main/engine/targets/index.ts';

const [reference = '', cluster = ''] = process.argv.slice(2);
const target = kindTarget(connectDocker(), cluster);
await target.load([reference], await target.nodes(), {});

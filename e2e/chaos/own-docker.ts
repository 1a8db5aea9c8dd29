import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { output, testCluster, waitFor } from '../world/machine.ts';

const image = 'stand-in-node';

/**
 * A Docker engine of the test's own, which may be restarted as it likes: the machine's own carries the cluster. It has a folder and a
 * network of its own; all that runs in it is a container by the name and labels of a Kind node, whose `perl` and `ctr` are those of the
 * real node. So the way into the containers goes through this engine, as it goes through Docker on a developer's machine.
 */
export class OwnDocker {
  /** What `DOCKER_HOST` is set to. */
  readonly host: string;
  private readonly root: string;
  private readonly network: ChildProcess;
  private daemon: ChildProcess | null = null;

  private constructor(root: string, network: ChildProcess) {
    this.root = root;
    this.network = network;
    this.host = `unix://${join(root, 'docker.sock')}`;
  }

  static async start(node: string): Promise<OwnDocker> {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'ptah-docker-')));
    // holds the network while the engine is away, for this is one machine
    const network = spawn('unshare', ['--net', 'sleep', '86400'], { stdio: 'ignore' });
    const docker = new OwnDocker(root, network);
    try {
      // never this machine's: the engine would take the other one's bridge for its own
      const own = await readlink('/proc/self/ns/net');
      await waitFor('a network', async () => (await readlink(`/proc/${network.pid}/ns/net`)) !== own);
      await writeFile(join(root, 'daemon.json'), '{}\n');
      await docker.up();
      await docker.runNode(node);
    } catch (error) {
      await docker.close();
      throw error;
    }
    return docker;
  }

  /** Starts the engine, also one that was stopped before. */
  async up(): Promise<void> {
    const { root } = this;
    // who was killed leaves these behind, and believes whoever has got its number since
    for (const name of ['docker.pid', 'exec/containerd/containerd.pid'])
      await rm(join(root, name), { force: true });
    const inside = (...argv: string[]) => ['--net', `--target=${this.network.pid}`, '--', ...argv];
    await output('nsenter', ...inside('ip', 'link', 'set', 'lo', 'up'));
    const argv = [
      ['dockerd', '--config-file', join(root, 'daemon.json'), '--host', this.host],
      ['--data-root', join(root, 'data'), '--exec-root', join(root, 'exec')],
      ['--pidfile', join(root, 'docker.pid'), '--storage-driver', 'vfs'],
      ['--containerd-namespace', 'ptah-restarts', '--containerd-plugins-namespace', 'ptah-restarts-plugins'],
      ['--live-restore', '--iptables=false', '--ip6tables=false'],
    ].flat();
    const daemon = spawn('nsenter', inside(...argv), { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [daemon.stdout, daemon.stderr])
      stream.on('data', chunk => (said = `${said}${String(chunk)}`.slice(-4000)));
    this.daemon = daemon;
    await waitFor('the own Docker engine', async () => {
      if (daemon.exitCode !== null) throw new Error(`dockerd ended with ${daemon.exitCode}:\n${said}`);
      return this.docker('version').then(() => true);
    });
  }

  /** Ends the engine: orderly, or as a crash does. Its containers go on. */
  async stop(how: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { daemon } = this;
    this.daemon = null;
    if (daemon === null || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const over = once(daemon, 'exit');
    daemon.kill(how);
    await over;
  }

  async close(): Promise<void> {
    if (this.daemon !== null) await this.docker('rm', '-f', this.node).catch(() => '');
    await this.stop('SIGTERM');
    this.network.kill();
    const mounts = (await readFile('/proc/self/mounts', 'utf8'))
      .split('\n')
      .map(line => line.split(' ')[1] ?? '');
    for (const path of mounts.filter(each => each.startsWith(`${this.root}/`)).toReversed())
      await output('umount', '--lazy', path).catch(() => '');
    await rm(this.root, { recursive: true, force: true });
  }

  private get node(): string {
    return `${testCluster()}-control-plane`;
  }

  private docker(...argv: string[]): Promise<string> {
    return output('docker', '--host', this.host, ...argv);
  }

  private async runNode(node: string): Promise<void> {
    const pid = await output('docker', 'inspect', '--format', '{{.State.Pid}}', node);
    const [published = ''] = (await output('docker', 'port', node, '6443/tcp')).split('\n');
    const bin = join(this.root, 'image', 'bin');
    await mkdir(bin, { recursive: true });
    await copyFile('/bin/busybox', join(bin, 'busybox'));
    for (const name of ['perl', 'ctr']) {
      const script = `#!/bin/busybox sh\nexec /bin/busybox nsenter -t ${pid} -m -p -- ${name} "$@"\n`;
      await writeFile(join(bin, name), script);
      await chmod(join(bin, name), 0o755);
    }
    const archive = join(this.root, 'image.tar');
    await output('tar', '-C', join(this.root, 'image'), '-cf', archive, '.');
    await this.docker('import', archive, image);
    const argv = [
      ['run', '--detach', '--name', node, '--pid', 'host', '--publish', `${published}:6443`],
      ['--label', `io.x-k8s.kind.cluster=${testCluster()}`, '--label', 'io.x-k8s.kind.role=control-plane'],
      ['--cap-add', 'SYS_ADMIN', '--cap-add', 'SYS_PTRACE'],
      ['--security-opt', 'seccomp=unconfined', '--security-opt', 'apparmor=unconfined'],
      [image, '/bin/busybox', 'sleep', '86400'],
    ].flat();
    await this.docker(...argv);
  }
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What the specs ask of the real world: never of the application. */
export async function output(command: string, ...argv: string[]): Promise<string> {
  const { stdout } = await execute(command, argv, { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

export async function succeeds(command: string, ...argv: string[]): Promise<boolean> {
  return execute(command, argv).then(
    () => true,
    () => false,
  );
}

/** The cluster that this run of the suite shares between specs. */
export const testCluster = (): string => process.env.PTAH_TEST_CLUSTER ?? 'ptah-test';
export const testNodes = (): number => Number(process.env.PTAH_TEST_NODES ?? '1');

/** kubectl of the control plane, so that the machine needs none of its own. */
export async function kubectl(...argv: string[]): Promise<string> {
  return output(
    'docker',
    'exec',
    `${testCluster()}-control-plane`,
    'kubectl',
    '--kubeconfig',
    '/etc/kubernetes/admin.conf',
    ...argv,
  );
}

export async function nodeNames(): Promise<string[]> {
  const names = await output(
    'docker',
    'ps',
    '--filter',
    `label=io.x-k8s.kind.cluster=${testCluster()}`,
    '--format',
    '{{.Names}}',
  );
  return names
    .split('\n')
    .filter(name => name !== '')
    .toSorted();
}

/** References that a node's containerd holds, for one image name. */
export async function imagesOnNode(node: string, name: string): Promise<string[]> {
  const list = await output('docker', 'exec', node, 'ctr', '-n', 'k8s.io', 'images', 'ls', '-q');
  return list
    .split('\n')
    .filter(line => line.startsWith(`docker.io/library/${name}:`))
    .map(line => line.slice('docker.io/library/'.length));
}

/** Tags of an image name that Docker holds. */
export async function imagesInDocker(name: string): Promise<string[]> {
  const list = await output('docker', 'images', name, '--format', '{{.Repository}}:{{.Tag}}');
  return list === '' ? [] : list.split('\n');
}

/** Takes an image name's tags out of Docker: after a spec, and before one that a cut-off run may have left something for. */
export async function removeImages(name: string): Promise<void> {
  for (const reference of await imagesInDocker(name)) await output('docker', 'rmi', '-f', reference);
}

export async function waitFor<T>(
  what: string,
  look: () => Promise<T | null | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not seen within ${timeoutMs} ms`, { cause: last });
    await new Promise(resolve => setTimeout(resolve, 250));
  }
}

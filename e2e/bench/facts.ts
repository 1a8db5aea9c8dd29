import { cpus, loadavg, release, totalmem } from 'node:os';
import { output } from './processes.ts';

export interface Facts {
  readonly at: string;
  readonly commit: string;
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly loadBefore: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** What the figures depend on. A program that is not there is said to be missing, which is a fact as well. */
export async function readFacts(): Promise<Facts> {
  const version = async (command: string, ...argv: string[]): Promise<string> =>
    (await output(command, argv).catch(() => 'missing')).trim().split('\n')[0] ?? '';
  const [docker, kind, kubectl, python, commit] = await Promise.all([
    version('docker', 'version', '--format', '{{.Server.Version}}'),
    version('kind', 'version'),
    version('kubectl', 'version', '--client'),
    version('python3', '--version'),
    version('git', 'rev-parse', '--short', 'HEAD'),
  ]);
  return {
    at: new Date().toISOString(),
    commit,
    cores: cpus().length,
    processor: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    versions: { node: process.versions.node, docker, kind, kubectl, python },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { PtahError, toPtahError } from '../errors/index.ts';
import { rootFix, runAsRoot } from './as-root.ts';
import type { DiagnosticsDeps } from './deps.ts';
import type { Check, Fix } from './types.ts';

/** A Docker engine that answers: nothing works without it. */
export function checkDocker(deps: DiagnosticsDeps): Check {
  return {
    id: 'docker',
    category: 'containers',
    title: 'Docker',
    async run(signal) {
      try {
        const docker = deps.docker();
        const info = await docker.info(signal);
        const builds = info.builders.includes('buildkit');
        return {
          state: builds ? 'ok' : 'warning',
          summary: `Docker ${info.version} (${info.os}/${info.arch}) at ${docker.endpoint.host}, by ${docker.endpoint.from}`,
          hint: builds ? null : 'This engine has no BuildKit: builds are slower and know fewer instructions.',
          fixes: [],
          evidence: null,
        };
      } catch (error) {
        signal.throwIfAborted();
        const { message, hint, details } = toPtahError(error);
        return {
          state: 'failed',
          summary: message,
          hint: hint ?? 'Start Docker, or install it.',
          fixes: await fixesFor(deps),
          evidence: details,
        };
      }
    },
    async fix(fixId, log, signal) {
      if (fixId === 'install') {
        await runAsRoot(deps, installCommands, log, signal);
        if (await answers(deps, signal)) return;
      }
      await runAsRoot(deps, await startCommands(deps), log, signal);
      const deadline = Date.now() + 60_000;
      while (!(await answers(deps, signal))) {
        if (Date.now() > deadline)
          throw new PtahError('docker-unreachable', 'Docker was started but does not answer after 60 s.', {
            hint: 'Its own log says why: journalctl -u docker, or /var/log/docker.log.',
          });
        await sleep(500, undefined, { signal });
      }
      log('Docker answers.');
    },
  };
}

const installCommands = [
  ['apt-get', 'update'],
  ['apt-get', 'install', '-y', '--no-install-recommends', 'docker.io'],
];

async function fixesFor(deps: DiagnosticsDeps): Promise<readonly Fix[]> {
  const { tools, machine } = deps;
  if (machine.platform !== 'linux')
    return [
      {
        id: 'manual',
        title: 'Start Docker Desktop',
        commands: [machine.platform === 'darwin' ? 'open -a Docker' : 'start "" "Docker Desktop"'],
        automatic: false,
      },
    ];
  if (await tools.find('dockerd'))
    return [await rootFix(deps, 'start', 'Start Docker', await startCommands(deps))];
  if (await tools.find('apt-get'))
    return [await rootFix(deps, 'install', 'Install and start Docker', installCommands)];
  return [
    {
      id: 'manual',
      title: 'Install Docker',
      commands: ['https://docs.docker.com/engine/install/'],
      automatic: false,
    },
  ];
}

/** systemd where it runs, else the init script, else the daemon by itself: containers have no init system. */
async function startCommands({ tools, machine }: DiagnosticsDeps): Promise<readonly (readonly string[])[]> {
  if (machine.exists('/run/systemd/system')) return [['systemctl', 'start', 'docker']];
  const daemon = await tools.find('dockerd');
  if (!machine.exists('/etc/init.d/docker') && daemon && (await tools.find('start-stop-daemon')))
    return [['start-stop-daemon', '--start', '--background', '--exec', daemon.path]];
  return [['service', 'docker', 'start']];
}

async function answers(deps: DiagnosticsDeps, signal: AbortSignal): Promise<boolean> {
  try {
    await deps.docker().info(signal);
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

import { toPtahError } from '../errors/index.ts';
import type { MachineStatus } from '../engine-types.ts';
import type { Parts } from './parts.ts';

/** How often Docker is asked while somebody looks at the status bar. */
const everyMs = 5_000;
const answerMs = 4_000;

/** What the status bar says: always just read, told again when it changes. */
export function createAppStatus(parts: Parts) {
  let last = '';

  const read = async (signal?: AbortSignal): Promise<MachineStatus> => {
    const limit = AbortSignal.timeout(answerMs);
    const docker = await askDocker(parts, signal ? AbortSignal.any([signal, limit]) : limit);
    return { docker, running: running(), at: new Date().toISOString() };
  };
  const running = () => parts.activity.list().filter(({ state }) => state === 'running').length;
  const tell = async () => {
    if (!parts.listens('app.status') || parts.closing.aborted) return;
    const status = await read(parts.closing).catch(() => null);
    const text = JSON.stringify({ ...status, at: '' });
    if (!status || text === last) return;
    last = text;
    parts.emit('app.status', status);
  };
  const timer = setInterval(() => void tell(), everyMs).unref();
  parts.activity.onChange(() => void tell());
  return { read, close: () => clearInterval(timer) };
}

async function askDocker(parts: Parts, signal: AbortSignal): Promise<MachineStatus['docker']> {
  try {
    const docker = parts.docker();
    const { version } = await docker.info(signal);
    return { state: 'ready', version, message: `${docker.endpoint.host} (${docker.endpoint.from})` };
  } catch (error) {
    return { state: 'unreachable', version: null, message: toPtahError(error).message };
  }
}

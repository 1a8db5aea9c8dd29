import { PtahError } from '../errors/index.ts';
import type { DockerEndpoint } from './types.ts';

/** A connection that failed: which engine, how it was chosen, and what to do about it. */
export function connectionFailure(endpoint: DockerEndpoint, error: unknown): PtahError {
  const code = errorCode(error);
  const where = `${endpoint.host} (${endpoint.from})`;
  if (code === 'EACCES' || code === 'EPERM') {
    return new PtahError('docker-unreachable', `No permission to use Docker at ${where}.`, {
      hint: 'Add yourself to the group “docker” (`sudo usermod -aG docker "$USER"`) and log in again.',
      cause: error,
    });
  }
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    return new PtahError('docker-unreachable', `Docker is not running at ${where}.`, {
      hint: 'Start Docker (Docker Desktop, or `sudo systemctl start docker`), or choose another endpoint in Settings.',
      cause: error,
    });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new PtahError('docker-unreachable', `The connection to Docker at ${where} failed: ${reason}`, {
    hint: 'Check that Docker is still running there, then try again.',
    cause: error,
  });
}

/** An answer of the engine with a status of 400 or more. */
export function apiFailure(
  endpoint: DockerEndpoint,
  status: number,
  body: string,
  request: string,
): PtahError {
  const message = messageOf(body) || `HTTP ${status}`;
  const details = { status, output: [request] };
  if (isDiskFull(message)) return diskFull(message);
  if (status === 404) return new PtahError('not-found', `Docker: ${message}`, { details });
  return new PtahError('docker-api', `Docker at ${endpoint.host} refused: ${message}`, { details });
}

/** `no space left on device`, wherever Docker, BuildKit or containerd met it. */
export function isDiskFull(message: string): boolean {
  return /no space left on device|ENOSPC|disk quota exceeded|not enough space on the disk/i.test(message);
}

export function diskFull(message: string, place = 'Docker'): PtahError {
  return new PtahError('disk-full', `The disk of ${place} is full: ${message}`, {
    hint: 'Free some space, for example with `docker image prune` and `docker builder prune`, then try again.',
    details: { output: [message] },
  });
}

function messageOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (
      typeof parsed === 'object' &&
      parsed !== null &&
      'message' in parsed &&
      typeof parsed.message === 'string'
    )
      return parsed.message;
  } catch {
    // Proxies in front of an engine answer in plain text.
  }
  return body.trim().slice(0, 2000);
}

function errorCode(error: unknown): string | null {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
}

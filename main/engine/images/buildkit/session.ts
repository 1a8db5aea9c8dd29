import { randomUUID } from 'node:crypto';
import { posix } from 'node:path';
import { registryCredentials } from '../../docker/index.ts';
import type { Docker } from '../../docker/index.ts';
import { toPtahError } from '../../errors/index.ts';
import type { PtahError } from '../../errors/index.ts';
import { sendTree } from './file-sync.ts';
import type { SyncEntry } from './file-sync.ts';
import { serveGrpc } from './grpc-server.ts';
import type { GrpcCall, GrpcHandler } from './grpc-server.ts';
import { decodeMessage, encodeMessage, stringOf } from './protobuf-wire.ts';

export interface BuildSession {
  readonly id: string;
  /** What failed on our side while BuildKit was served: the true cause of its error. */
  failure(): PtahError | null;
  close(): void;
}

export interface SessionContents {
  readonly context: readonly SyncEntry[];
  /** The Dockerfile alone, under its own name. */
  readonly dockerfile: readonly SyncEntry[];
  /** Builds of one key share BuildKit's copy of the context, so that only differences travel. */
  readonly sharedKey: string;
  readonly onSent?: (bytes: number) => void;
}

// moby/buildkit: session/filesync/filesync.proto, session/auth/auth.proto; grpc/grpc: health/v1/health.proto.
const methods = {
  diffCopy: '/moby.filesync.v1.FileSync/DiffCopy',
  credentials: '/moby.filesync.v1.Auth/Credentials',
  health: '/grpc.health.v1.Health/Check',
} as const;
const credentialsRequest = { host: 1 } as const;
const credentialsResponse = { username: 1, secret: 2 } as const;
const healthResponse = { status: 1 } as const;
const serving = 1;

/** Opens a session (`POST /session`, upgraded to h2c) by which BuildKit takes from us the context and the user's credentials. */
export async function openBuildSession(
  docker: Docker,
  contents: SessionContents,
  signal?: AbortSignal,
): Promise<BuildSession> {
  const id = randomUUID().replaceAll('-', '');
  let failure: PtahError | null = null;

  const diffCopy: GrpcHandler = async call => {
    const directory = call.metadata('dir-name')[0] ?? '';
    const tree =
      directory === 'dockerfile'
        ? contents.dockerfile
        : onlyFollowed(contents.context, call.metadata('followpaths'));
    try {
      await sendTree(call, tree, contents.onSent);
    } catch (error) {
      failure ??= toPtahError(error, 'context-transfer', 'Sending the build context failed');
      throw error;
    }
  };

  const socket = await docker.upgrade(
    '/session',
    {
      'X-Docker-Expose-Session-Uuid': id,
      'X-Docker-Expose-Session-Name': 'ptah-desktop',
      'X-Docker-Expose-Session-Sharedkey': contents.sharedKey,
      'X-Docker-Expose-Session-Grpc-Method': Object.values(methods),
    },
    signal,
  );
  const server = serveGrpc(socket, {
    [methods.diffCopy]: diffCopy,
    [methods.credentials]: answerCredentials,
    [methods.health]: async call => call.send(encodeMessage([[healthResponse.status, serving]])),
  });
  return { id, failure: () => failure, close: () => server.close() };
}

/** Each registry gets its own credentials or none; one answer for every host would hand them to strangers. */
async function answerCredentials(call: GrpcCall): Promise<void> {
  for await (const bytes of call.messages) {
    const host = stringOf(decodeMessage(bytes), credentialsRequest.host);
    const found = await registryCredentials(host);
    const answer = found
      ? encodeMessage([
          [credentialsResponse.username, found.identitytoken ? '' : found.username],
          [credentialsResponse.secret, found.identitytoken ?? found.password],
        ])
      : encodeMessage([]);
    await call.send(answer);
    return;
  }
}

/**
 * BuildKit names the paths that the Dockerfile copies. Where they are plain paths and no link is involved the rest can stay at
 * home; else everything goes, which is right and merely slower.
 */
export function onlyFollowed(entries: readonly SyncEntry[], paths: readonly string[]): readonly SyncEntry[] {
  const wanted = paths.map(path => posix.normalize(path).replace(/^\/+|\/+$/g, ''));
  if (
    wanted.length === 0 ||
    wanted.some(path => path === '' || path === '.' || path.startsWith('..') || /[*?[\\]/.test(path))
  )
    return entries;
  if (entries.some(entry => entry.type === 'symlink')) {
    // Asking for one small file (its own .dockerignore) must not move the whole tree.
    const named = entries.filter(entry => wanted.includes(entry.path));
    if (named.some(entry => entry.type !== 'file') || !wanted.every(path => path === '.dockerignore'))
      return entries;
  }
  return entries.filter(entry =>
    wanted.some(
      path =>
        entry.path === path ||
        entry.path.startsWith(`${path}/`) ||
        (entry.type === 'directory' && path.startsWith(`${entry.path}/`)),
    ),
  );
}

import { bytesOf, decodeMessage, encodeMessage, numberOf } from './protobuf-wire.ts';
import type { GrpcCall } from './grpc-server.ts';

/** A file, directory or link that a tree offers. */
export interface SyncEntry {
  /** Relative, `/` separators. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  /** Permission bits. */
  readonly mode: number;
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly modifiedAt: bigint;
  readonly linkTarget: string;
  /** Bytes of a file; rejects when they are no longer those that were listed. */
  read(): AsyncIterable<Buffer>;
}

// github.com/tonistiigi/fsutil, types/wire.proto and stat.proto.
const packetType = { stat: 0, request: 1, data: 2, fin: 3, error: 4 } as const;
const packet = { type: 1, stat: 2, id: 3, data: 4 } as const;
const stat = { path: 1, mode: 2, uid: 3, gid: 4, size: 5, modTime: 6, linkName: 7 } as const;

// Go's os.FileMode, which is not the number of stat(2).
const goMode = {
  directory: 2 ** 31,
  symlink: 2 ** 27,
  setuid: 2 ** 23,
  setgid: 2 ** 22,
  sticky: 2 ** 20,
} as const;

const chunkBytes = 64 * 1024;

/**
 * The sending side of `moby.filesync.v1.FileSync/DiffCopy`: all entries are named in order, then an empty name; BuildKit asks by
 * number for the files that differ from what it kept of an earlier build, and ends with FIN.
 */
export async function sendTree(
  call: GrpcCall,
  entries: Iterable<SyncEntry>,
  onSent?: (bytes: number) => void,
): Promise<void> {
  const files = new Map<number, SyncEntry>();
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  failed.catch(() => undefined);

  const announce = async (): Promise<void> => {
    let id = 0;
    let batch: Buffer[] = [];
    for (const entry of entries) {
      if (entry.type === 'file') files.set(id, entry);
      id += 1;
      batch.push(encodeMessage([[packet.stat, encodeStat(entry)]]));
      if (batch.length < 256) continue;
      await call.send(...batch);
      batch = [];
    }
    await call.send(...batch, encodeMessage([]));
  };

  // BuildKit asks for files while names are still on their way; they are answered one after another.
  const receive = async (): Promise<void> => {
    let sending = Promise.resolve();
    for await (const bytes of call.messages) {
      const message = decodeMessage(bytes);
      const type = numberOf(message, packet.type);
      if (type === packetType.request) {
        const id = numberOf(message, packet.id);
        sending = sending.then(() => sendFile(call, id, files.get(id), onSent));
        sending.catch(fail);
      } else if (type === packetType.fin) {
        await sending;
        await call.send(encodeMessage([[packet.type, packetType.fin]]));
        return;
      } else if (type === packetType.error) {
        throw new Error(bytesOf(message, packet.data).toString('utf8'));
      }
    }
  };

  announce().catch(fail);
  await Promise.race([receive(), failed]);
}

async function sendFile(
  call: GrpcCall,
  id: number,
  entry: SyncEntry | undefined,
  onSent: ((bytes: number) => void) | undefined,
): Promise<void> {
  if (!entry) throw new Error(`BuildKit asked for file ${id}, which was not offered.`);
  for await (const chunk of entry.read()) {
    for (let at = 0; at < chunk.length; at += chunkBytes) {
      const data = chunk.subarray(at, at + chunkBytes);
      await call.send(dataPacket(id, data));
      onSent?.(data.length);
    }
  }
  await call.send(dataPacket(id, null));
}

/** A packet without data ends a file. */
function dataPacket(id: number, data: Buffer | null): Buffer {
  return encodeMessage([
    [packet.type, packetType.data],
    [packet.id, id],
    ...(data ? ([[packet.data, data]] as const) : []),
  ]);
}

function encodeStat(entry: SyncEntry): Buffer {
  return encodeMessage([
    [stat.path, entry.path],
    [stat.mode, goFileMode(entry)],
    [stat.size, entry.type === 'file' ? entry.size : 0],
    [stat.modTime, entry.modifiedAt],
    [stat.linkName, entry.linkTarget],
  ]);
}

function goFileMode({ type, mode }: SyncEntry): number {
  const kind = type === 'directory' ? goMode.directory : type === 'symlink' ? goMode.symlink : 0;
  const special =
    (mode & 0o4000 ? goMode.setuid : 0) +
    (mode & 0o2000 ? goMode.setgid : 0) +
    (mode & 0o1000 ? goMode.sticky : 0);
  return kind + special + (mode & 0o777);
}

/** fsutil's order: depth first, names by their bytes; `/` sorts before everything else. */
export function compareSyncPaths(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a.replaceAll('/', '\0')), Buffer.from(b.replaceAll('/', '\0')));
}

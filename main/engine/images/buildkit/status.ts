import {
  bigintOf,
  bytesOf,
  decodeMessage,
  messagesOf,
  numberOf,
  stringOf,
  stringsOf,
} from './protobuf-wire.ts';
import type { WireMessage } from './protobuf-wire.ts';

/** `moby.buildkit.v1.StatusResponse`: what the `moby.buildkit.trace` lines of a build carry. */
export interface BuildStatus {
  readonly vertexes: readonly Vertex[];
  readonly statuses: readonly VertexStatus[];
  readonly logs: readonly VertexLog[];
  readonly warnings: readonly VertexWarning[];
}

export interface Vertex {
  readonly digest: string;
  readonly inputs: readonly string[];
  readonly name: string;
  readonly cached: boolean;
  /** ISO 8601. */
  readonly started: string | null;
  readonly completed: string | null;
  readonly error: string;
}

export interface VertexStatus {
  readonly id: string;
  readonly vertex: string;
  readonly name: string;
  readonly current: number;
  readonly total: number;
}

export interface VertexLog {
  readonly vertex: string;
  readonly stream: 'stdout' | 'stderr';
  /** Bytes as the process wrote them; a character may be cut at the end. */
  readonly bytes: Buffer;
}

export interface VertexWarning {
  readonly message: string;
  readonly line: number | null;
}

// moby/buildkit: api/services/control/control.proto.
const response = { vertexes: 1, statuses: 2, logs: 3, warnings: 4 } as const;
const vertex = { digest: 1, inputs: 2, name: 3, cached: 4, started: 5, completed: 6, error: 7 } as const;
const status = { id: 1, vertex: 2, name: 3, current: 4, total: 5 } as const;
const log = { vertex: 1, stream: 3, message: 4 } as const;
const warning = { short: 3, ranges: 7 } as const;
const range = { start: 1 } as const;
const position = { line: 1 } as const;
const timestamp = { seconds: 1, nanos: 2 } as const;
const stderr = 2;

export function decodeStatus(bytes: Buffer): BuildStatus {
  const message = decodeMessage(bytes);
  return {
    vertexes: messagesOf(message, response.vertexes).map(item => ({
      digest: stringOf(item, vertex.digest),
      inputs: stringsOf(item, vertex.inputs),
      name: stringOf(item, vertex.name),
      cached: numberOf(item, vertex.cached) !== 0,
      started: timeOf(item, vertex.started),
      completed: timeOf(item, vertex.completed),
      error: stringOf(item, vertex.error),
    })),
    statuses: messagesOf(message, response.statuses).map(item => ({
      id: stringOf(item, status.id),
      vertex: stringOf(item, status.vertex),
      name: stringOf(item, status.name),
      current: numberOf(item, status.current),
      total: numberOf(item, status.total),
    })),
    logs: messagesOf(message, response.logs).map(item => ({
      vertex: stringOf(item, log.vertex),
      stream: numberOf(item, log.stream) === stderr ? 'stderr' : 'stdout',
      bytes: bytesOf(item, log.message),
    })),
    warnings: messagesOf(message, response.warnings).map(item => ({
      message: stringOf(item, warning.short),
      line: messagesOf(item, warning.ranges).map(startLine)[0] ?? null,
    })),
  };
}

function startLine(item: WireMessage): number {
  const [start] = messagesOf(item, range.start);
  return start ? numberOf(start, position.line) : 0;
}

function timeOf(message: WireMessage, field: number): string | null {
  const [time] = messagesOf(message, field);
  if (!time) return null;
  const milliseconds =
    Number(bigintOf(time, timestamp.seconds)) * 1000 +
    Math.floor(numberOf(time, timestamp.nanos) / 1_000_000);
  return new Date(milliseconds).toISOString();
}

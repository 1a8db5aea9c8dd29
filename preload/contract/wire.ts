import { z } from 'zod';
import { list } from './define.ts';
import { wireError } from './errors.ts';

/**
 * The messages that every host speaks: over a WebSocket (loopback), the private socket (`ptah` attaching to a running engine)
 * and a MessagePort (Electron). `id` is chosen by the client and unique per connection.
 */
export const clientMessage = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('request'),
    id: z.number().int(),
    method: z.string().max(128),
    input: z.unknown(),
  }),
  z.strictObject({
    type: z.literal('open'),
    id: z.number().int(),
    stream: z.string().max(128),
    input: z.unknown(),
    credit: z.number().int().min(1).max(10_000),
  }),
  /** The view has taken `credit` items more: so many may follow. */
  z.strictObject({
    type: z.literal('credit'),
    id: z.number().int(),
    credit: z.number().int().min(1).max(10_000),
  }),
  /** Ends a stream, or gives up waiting for a request. */
  z.strictObject({ type: z.literal('close'), id: z.number().int() }),
]);
export type ClientMessage = z.infer<typeof clientMessage>;

export const serverMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('result'), id: z.number(), output: z.unknown() }),
  z.object({ type: z.literal('error'), id: z.number(), error: wireError }),
  z.object({ type: z.literal('items'), id: z.number(), items: list(z.unknown()) }),
  z.object({ type: z.literal('end'), id: z.number() }),
  z.object({ type: z.literal('event'), event: z.string(), payload: z.unknown() }),
]);
export type ServerMessage = z.infer<typeof serverMessage>;

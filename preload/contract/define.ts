import { z } from 'zod';

// In a window zod must not probe `new Function` as it makes a schema: the content security policy reports it. Every file of
// the contract imports this one first.
if ('document' in globalThis) z.config({ jitless: true });

/** A call with one answer. `sample` is one real value of each side: the contract suite sends it through every host. */
export interface RequestDefinition<In extends z.ZodType = z.ZodType, Out extends z.ZodType = z.ZodType> {
  readonly in: In;
  readonly out: Out;
  readonly sample: { readonly in: z.input<In>; readonly out: z.input<Out> };
}

/** A call with many answers, held back when the view is slow, ended by either side. */
export interface StreamDefinition<In extends z.ZodType = z.ZodType, Item extends z.ZodType = z.ZodType> {
  readonly in: In;
  readonly item: Item;
  readonly sample: { readonly in: z.input<In>; readonly item: z.input<Item> };
}

/** Something that happened, told to every window. */
export interface EventDefinition<Payload extends z.ZodType = z.ZodType> {
  readonly payload: Payload;
  readonly sample: z.input<Payload>;
}

export function request<In extends z.ZodType, Out extends z.ZodType>(
  input: In,
  output: Out,
  sample: { in: z.input<In>; out: z.input<Out> },
): RequestDefinition<In, Out> {
  return { in: input, out: output, sample };
}

export function stream<In extends z.ZodType, Item extends z.ZodType>(
  input: In,
  item: Item,
  sample: { in: z.input<In>; item: z.input<Item> },
): StreamDefinition<In, Item> {
  return { in: input, item, sample };
}

export function event<Payload extends z.ZodType>(
  payload: Payload,
  sample: z.input<Payload>,
): EventDefinition<Payload> {
  return { payload, sample };
}

/** Arrays cross the border read-only, as the engine's own are. `max` bounds what a window may send. */
export const list = <T extends z.ZodType>(item: T, max?: number) =>
  (max === undefined ? z.array(item) : z.array(item).max(max)).readonly();

/** Bounded text: nothing the window sends is longer than this. */
export const text = z.string().max(4096);
export const none = z.strictObject({});
export const done = z.object({ ok: z.literal(true) });
/** ISO 8601. */
export const time = z.string();

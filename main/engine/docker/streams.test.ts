import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJsonLines } from './json-lines.ts';
import { createDemultiplexer } from './multiplexed-stream.ts';

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...chunks, bytes.subarray(at)];
}

function frame(stream: 1 | 2, text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

describe('createDemultiplexer', () => {
  it('gives the same output however the frames are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(1 as const, 2 as const), fc.string())),
        fc.array(fc.nat(20)),
        (frames, sizes) => {
          const output = { stdout: '', stderr: '' };
          const demultiplex = createDemultiplexer(
            (stream, bytes) => (output[stream] += bytes.toString('latin1')),
          );
          for (const chunk of cut(Buffer.concat(frames.map(([stream, text]) => frame(stream, text))), sizes))
            demultiplex(chunk);
          const expected = (wanted: number): string =>
            Buffer.concat(
              frames.filter(([stream]) => stream === wanted).map(([, text]) => Buffer.from(text)),
            ).toString('latin1');
          expect(output).toEqual({ stdout: expected(1), stderr: expected(2) });
        },
      ),
    );
  });
});

describe('readJsonLines', () => {
  it('never cuts a character or an object at the border of a chunk', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ stream: fc.string({ unit: 'grapheme' }) })),
        fc.array(fc.nat(9)),
        async (messages, sizes) => {
          const bytes = Buffer.from(messages.map(message => JSON.stringify(message)).join('\r\n'));
          const read: unknown[] = [];
          for await (const message of readJsonLines(chunks(cut(bytes, sizes)))) read.push(message);
          expect(read).toEqual(messages);
        },
      ),
    );
  });

  it('passes over what is not an object', async () => {
    const read: unknown[] = [];
    for await (const message of readJsonLines(
      chunks([Buffer.from('{"a":1}\n\n7\n{"broken\n{"b":2}\n{"half')]),
    ))
      read.push(message);
    expect(read).toEqual([{ a: 1 }, { b: 2 }]);
  });
});

async function* chunks(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* parts;
}

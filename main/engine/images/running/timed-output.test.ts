import { describe, expect, it } from 'vitest';
import { createTimedDemultiplexer } from './timed-output.ts';

const frame = (stream: 1 | 2, text: string): Buffer => {
  const payload = Buffer.from(text);
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
};

describe('createTimedDemultiplexer', () => {
  // Docker writes the moment before each frame, also before the rest of a line that is longer than a frame
  const all = Buffer.concat([
    frame(1, '2026-01-02T03:04:05.123456789Z one\n'),
    frame(2, '2026-01-02T03:04:06.000000000Z größe '),
    frame(2, '2026-01-02T03:04:07.500000000Z und mehr\n'),
    frame(1, '2026-01-02T03:04:08.000000000Z \n'),
    frame(1, 'no moment at all, and longer than one would ever be\n'),
  ]);
  it.each([1, 3, 7, 40, 1_000])('takes the moments out of the text, in chunks of %i bytes', size => {
    const texts = { stdout: '', stderr: '' };
    const moments = new Set<string>();
    const demultiplex = createTimedDemultiplexer((stream, bytes, at) => {
      texts[stream] += bytes.toString('latin1');
      moments.add(new Date(at).toISOString());
    });
    for (let at = 0; at < all.length; at += size) demultiplex(all.subarray(at, at + size));
    expect(texts.stdout).toBe('one\n\nno moment at all, and longer than one would ever be\n');
    expect(Buffer.from(texts.stderr, 'latin1').toString('utf8')).toBe('größe und mehr\n');
    expect([...moments]).toEqual([
      '2026-01-02T03:04:05.123Z',
      '2026-01-02T03:04:06.000Z',
      '2026-01-02T03:04:07.500Z',
      '2026-01-02T03:04:08.000Z',
    ]);
  });
});

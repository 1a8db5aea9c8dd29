import { inflateSync, constants } from 'node:zlib';
import { expect, test } from 'vitest';
import { createFrameReader, createStreamOpener, dataFrame, pingFrame, resetFrame } from './spdy-frames.ts';

test('frames are read wherever the pieces are cut', () => {
  const bytes = Buffer.concat([
    dataFrame(3, Buffer.from('hello')),
    pingFrame(7),
    dataFrame(3, Buffer.alloc(0), true),
    resetFrame(3, 5),
  ]);
  for (let size = 1; size <= bytes.length; size++) {
    const read = createFrameReader();
    const frames = [];
    for (let at = 0; at < bytes.length; at += size) frames.push(...read(bytes.subarray(at, at + size)));
    expect(frames).toEqual([
      { type: 'data', stream: 3, bytes: Buffer.from('hello'), fin: false },
      { type: 'ping', id: 7 },
      { type: 'data', stream: 3, bytes: Buffer.alloc(0), fin: true },
      { type: 'reset', stream: 3, status: 5 },
    ]);
  }
});

test('the header blocks of one connection are one zlib stream, each readable by itself', () => {
  const open = createStreamOpener();
  const blocks = [open(1, { streamtype: 'error', port: '80' }), open(3, { streamtype: 'data', port: '80' })];
  const compressed = blocks.map(frame => frame.subarray(18));
  const [first, second] = compressed as [Buffer, Buffer];
  const flush = { finishFlush: constants.Z_SYNC_FLUSH };
  const one = inflateSync(first, flush);
  const both = inflateSync(Buffer.concat([first, second]), flush);
  expect(one.toString('latin1')).toContain('streamtype\0\0\0\x05error');
  expect(both.subarray(one.length).toString('latin1')).toContain('streamtype\0\0\0\x04data');
  expect(blocks[1]?.readUInt32BE(8)).toBe(3);
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bigintOf, decodeMessage, encodeMessage, numberOf, stringOf } from './protobuf-wire.ts';
import { decodeStatus } from './status.ts';

describe('the wire format', () => {
  it('gives back what was written', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.string({ unit: 'grapheme' }),
        (number, text) => {
          const message = decodeMessage(
            encodeMessage([
              [1, number],
              [200, text],
            ]),
          );
          expect(bigintOf(message, 1)).toBe(number);
          expect(stringOf(message, 200)).toBe(text);
        },
      ),
    );
  });

  it('is that of the specification', () => {
    // The two examples of the encoding guide.
    expect(encodeMessage([[1, 150]]).toString('hex')).toBe('089601');
    expect(encodeMessage([[2, 'testing']]).toString('hex')).toBe('120774657374696e67');
    expect(
      encodeMessage([
        [1, 0],
        [2, ''],
      ]),
    ).toHaveLength(0);
    expect(numberOf(decodeMessage(Buffer.from('0801080a', 'hex')), 1)).toBe(10);
  });

  it('reads past fields that it does not know, and refuses a message that is cut', () => {
    const fixed = Buffer.from('0d010000001102000000000000001803', 'hex');
    expect(numberOf(decodeMessage(fixed), 3)).toBe(3);
    expect(() => decodeMessage(Buffer.from('0a05', 'hex'))).toThrow(RangeError);
    expect(() => decodeMessage(Buffer.from('08ff', 'hex'))).toThrow(RangeError);
  });
});

describe('decodeStatus', () => {
  it('reads vertexes, progress, output and warnings', () => {
    const time = encodeMessage([
      [1, 1_700_000_000],
      [2, 250_000_000],
    ]);
    const status = decodeStatus(
      encodeMessage([
        [
          1,
          encodeMessage([
            [1, 'sha256:a'],
            [2, 'sha256:i'],
            [2, 'sha256:j'],
            [3, '[1/2] RUN x'],
            [4, 1],
            [5, time],
            [6, time],
            [7, 'no'],
          ]),
        ],
        [
          2,
          encodeMessage([
            [1, 'id'],
            [2, 'sha256:a'],
            [3, 'sending'],
            [4, 5],
            [5, 10],
          ]),
        ],
        [
          3,
          encodeMessage([
            [1, 'sha256:a'],
            [3, 2],
            [4, Buffer.from([0xc3])],
          ]),
        ],
        [
          4,
          encodeMessage([
            [1, 'sha256:a'],
            [3, 'careful'],
            [7, encodeMessage([[1, encodeMessage([[1, 7]])]])],
          ]),
        ],
      ]),
    );
    expect(status).toEqual({
      vertexes: [
        {
          digest: 'sha256:a',
          inputs: ['sha256:i', 'sha256:j'],
          name: '[1/2] RUN x',
          cached: true,
          started: '2023-11-14T22:13:20.250Z',
          completed: '2023-11-14T22:13:20.250Z',
          error: 'no',
        },
      ],
      statuses: [{ id: 'id', vertex: 'sha256:a', name: 'sending', current: 5, total: 10 }],
      logs: [{ vertex: 'sha256:a', stream: 'stderr', bytes: Buffer.from([0xc3]) }],
      warnings: [{ message: 'careful', line: 7 }],
    });
  });
});

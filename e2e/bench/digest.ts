import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { interleave } from './measure.ts';
import { builtProgram, output, pythonWith } from './processes.ts';
import type { Benchmark } from './report.ts';

const FILES = 50_000;
const PER_DIRECTORY = 100;

const PYTHON = `
import sys, time
from dirhash import dirhash
directory, jobs = sys.argv[1], int(sys.argv[2])
hash = dirhash(directory, "md5", jobs=jobs)
began = time.perf_counter()
dirhash(directory, "md5", jobs=jobs)
print(hash, (time.perf_counter() - began) * 1000)
`;
const PYTHON_ONCE = `
import sys
from dirhash import dirhash
print(dirhash(sys.argv[1], "md5", jobs=int(sys.argv[2])))
`;

/** The hash behind a tag, of a folder of many small files. */
export const digest: Benchmark = {
  id: 'digest',
  title: 'Hash of 50,000 files of 1 KiB',
  about:
    'Cold starts a new process each time, start-up included; the page cache is warm on all sides, because it cannot be emptied without disturbing the machine. A second look is one more hash in a process that has hashed the folder before, as every refresh of a window is. Python is `dirhash` 0.5.0, which the original calls, with one job as the original does, and with two.',
  async measure(rounds, say) {
    const folder = mkdtempSync(join(tmpdir(), 'ptah-bench-digest-'));
    try {
      fill(folder);
      say(`${FILES} files written`);
      const python = await pythonWith('dirhash', ['dirhash==0.5.0', 'scantree==0.0.4', 'pathspec']);
      const hashes = new Set<string>();
      const ours = async (): Promise<void> => {
        const text = await output(process.execPath, [builtProgram('ptah'), 'hash', folder]);
        hashes.add(text.split(' ')[0] ?? '');
      };
      const theirs = (jobs: number) => async (): Promise<void> => {
        hashes.add((await output(python, ['-c', PYTHON_ONCE, folder, String(jobs)])).trim());
      };
      const cold = await interleave(
        [
          { name: 'ptah hash', run: ours },
          { name: 'dirhash', run: theirs(1) },
          { name: 'dirhash, 2 jobs', run: theirs(2) },
        ],
        rounds,
        text => say(`cold: ${text}`),
      );
      const again = fileURLToPath(new URL('second-look.ts', import.meta.url));
      const milliseconds = (text: string): number => {
        const [hash = '', time = ''] = text.trim().split(' ');
        hashes.add(hash);
        return Number(time);
      };
      const second = await interleave(
        [
          {
            name: 'ptah, second look',
            run: async () => milliseconds(await output(process.execPath, [again, folder])),
          },
          {
            name: 'dirhash, second look',
            run: async () => milliseconds(await output(python, ['-c', PYTHON, folder, '1'])),
          },
        ],
        rounds,
        text => say(`second look: ${text}`),
      );
      if (hashes.size !== 1) throw new Error(`The hashes differ: ${[...hashes].join(', ')}`);
      return [
        { what: 'cold', timings: cold, reach: { ours: 'ptah hash', timesFasterThan: ['dirhash', 3] } },
        {
          what: 'second look, nothing changed',
          timings: second,
          reach: { ours: 'ptah, second look', milliseconds: 150 },
        },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function fill(folder: string): void {
  for (let index = 0; index < FILES; index++) {
    const directory = join(folder, `d${Math.floor(index / PER_DIRECTORY)}`);
    if (index % PER_DIRECTORY === 0) mkdirSync(directory);
    writeFileSync(join(directory, `file-${index}.txt`), `${index}`.padEnd(1024, 'x'));
  }
}

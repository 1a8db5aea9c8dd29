import { PtahError } from '../../../errors/index.ts';
import type { Tree, TreeEntry } from '../../types.ts';
import { errnoName } from '../errno.ts';
import { sha256 } from '../sources.ts';

/** Answers of the helper, each with the number of its path; of a small file its content, which is hashed here. */
export function treeOf(paths: readonly string[], answer: Buffer): Tree {
  const tree = new Map<string, TreeEntry>();
  for (let at = 0; at < answer.length;) {
    const path = paths[answer.readUInt32BE(at)] ?? '';
    const type = answer.toString('latin1', at + 4, at + 5);
    const mode = answer.readUInt32BE(at + 5);
    const size = Number(answer.readBigUInt64BE(at + 9));
    const length = answer.readUInt32BE(at + 17);
    const bytes = answer.subarray(at + 21, at + 21 + length);
    const rest = type === 'c' ? sha256(bytes) : bytes.toString('utf8');
    at += 21 + length;
    if (type === 'f' || type === 'c') tree.set(path, { type: 'file', mode: mode & 0o7777, size, hash: rest });
    else if (type === 'd') tree.set(path, { type: 'directory', mode: mode & 0o7777 });
    else if (type === 'l') tree.set(path, { type: 'symlink', target: rest });
    else
      throw new PtahError('read-failed', `${path} cannot be read: ${rest} (${errnoName(mode)})`, {
        details: { file: path },
      });
  }
  return tree;
}

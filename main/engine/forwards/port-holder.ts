import { readFile, readdir, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import type { PortHolder } from './types.ts';

const listening = '0A';
const longestName = 80;

/** Which process listens at a port of this machine. Linux tells; of others' processes only that there is one. */
export async function portHolder(port: number, proc = '/proc'): Promise<PortHolder> {
  const inodes = new Set([
    ...listeners(await read(`${proc}/net/tcp`), port),
    ...listeners(await read(`${proc}/net/tcp6`), port),
  ]);
  if (inodes.size > 0)
    for (const pid of (await readdir(proc).catch(() => [])).filter(name => /^\d+$/.test(name)))
      if (await holds(`${proc}/${pid}/fd`, inodes)) {
        const words = (await read(`${proc}/${pid}/cmdline`))
          .split('\0')
          .filter(word => word !== '')
          // `node server.js` says enough: where they lie makes the name long, and cuts off what tells it apart
          .map(word => (word.startsWith('/') ? basename(word) : word));
        const name = words.join(' ') || (await read(`${proc}/${pid}/comm`)).trim();
        return { pid: Number(pid), name: shorten(name) || `process ${pid}` };
      }
  return { pid: null, name: 'another program' };
}

/** `sl local_address rem_address st … inode`: addresses and ports in hexadecimal digits. */
function listeners(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').flatMap(line => {
    const fields = line.trim().split(/\s+/);
    const inode = fields[9];
    return fields[1]?.endsWith(`:${wanted}`) && fields[3] === listening && inode !== undefined ? [inode] : [];
  });
}

async function holds(folder: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const handles = await readdir(folder).catch(() => []);
  for (const handle of handles) {
    const link = await readlink(`${folder}/${handle}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}

const shorten = (name: string): string =>
  name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;

const read = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

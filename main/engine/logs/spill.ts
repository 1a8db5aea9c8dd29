import { mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { LineTable } from './line-table.ts';

interface Piece {
  readonly file: number;
  readonly at: number;
  readonly textBytes: number;
  readonly metaBytes: number;
  readonly capacity: number;
  readonly count: number;
}

const FILE_BYTES = 64 * 1024 * 1024;
const MOST_FILES = 16;

/** What was cut from memory, kept in files for exports: at most a gigabyte, the oldest goes, and all of it when the project closes. */
export class Spill {
  readonly #parent: string;
  readonly #folder: string;
  #pieces: Piece[] = [];
  #file = 0;
  #handle: FileHandle | null = null;
  #size = 0;
  #work: Promise<void> = Promise.resolve();
  #failed = false;

  /** `parent` is a folder of the cache; ours in it carries the number of the process, so that what a killed one left is known. */
  constructor(parent: string) {
    this.#parent = parent;
    this.#folder = join(parent, `${process.pid}-${Math.random().toString(36).slice(2, 10)}`);
  }

  add(table: LineTable): void {
    if (this.#failed) return;
    this.#work = this.#work.then(() => this.#write(table)).catch(() => void (this.#failed = true));
  }

  /** Everything that is kept here, oldest first. */
  async *tables(): AsyncGenerator<LineTable> {
    await this.#work;
    // what is cut meanwhile is in the picture of whoever asks already
    const pieces = this.#pieces.slice();
    for (const piece of pieces) {
      const table = await this.#read(piece).catch(() => null);
      if (table) yield table;
    }
  }

  async close(): Promise<void> {
    this.#failed = true;
    await this.#work;
    await this.#handle?.close().catch(() => {});
    this.#handle = null;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #write(table: LineTable): Promise<void> {
    if (this.#failed) return;
    if (this.#handle === null && this.#file === 0) await removeLeftovers(this.#parent);
    if (this.#handle === null || this.#size >= FILE_BYTES) await this.#nextFile();
    const { meta } = table.data;
    const text = table.text.subarray(0, table.used);
    await this.#handle?.writev([Buffer.from(meta), text]);
    this.#pieces.push({
      file: this.#file,
      at: this.#size,
      textBytes: text.length,
      metaBytes: meta.byteLength,
      capacity: table.data.capacity,
      count: table.count,
    });
    this.#size += meta.byteLength + text.length;
  }

  async #nextFile(): Promise<void> {
    await this.#handle?.close();
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    this.#file++;
    this.#size = 0;
    this.#handle = await open(this.#path(this.#file), 'wx+', 0o600);
    const oldest = this.#file - MOST_FILES;
    if (oldest < 1) return;
    this.#pieces = this.#pieces.filter(({ file }) => file > oldest);
    await rm(this.#path(oldest), { force: true });
  }

  async #read(piece: Piece): Promise<LineTable> {
    const handle = await open(this.#path(piece.file), 'r');
    try {
      const meta = new SharedArrayBuffer(piece.metaBytes);
      const text = new SharedArrayBuffer(piece.textBytes);
      await handle.read(Buffer.from(meta), 0, piece.metaBytes, piece.at);
      await handle.read(Buffer.from(text), 0, piece.textBytes, piece.at + piece.metaBytes);
      return new LineTable({ meta, text, capacity: piece.capacity }, piece.count);
    } finally {
      await handle.close();
    }
  }

  #path(file: number): string {
    return join(this.#folder, `${file}.lines`);
  }
}

/** Folders of processes that are no more. */
async function removeLeftovers(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    const pid = /^(\d+)-[a-z0-9]+$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

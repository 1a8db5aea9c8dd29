import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Rectangle } from 'electron';
import { z } from 'zod';

const side = z.number().int().min(-100_000).max(100_000);
const stored = z.object({
  x: side.optional(),
  y: side.optional(),
  width: side.min(200),
  height: side.min(200),
  maximized: z.boolean(),
});
export type WindowBounds = z.infer<typeof stored>;

export const defaultBounds: WindowBounds = { width: 1280, height: 820, maximized: false };

/** Where the window was last. A file that is missing or wrong, or a display that is gone, gives the default. */
export async function readBounds(file: string, displays: readonly Rectangle[]): Promise<WindowBounds> {
  let bounds: WindowBounds;
  try {
    bounds = stored.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return defaultBounds;
  }
  const { x, y, width, height, maximized } = bounds;
  // enough of it to get hold of has to lie on a display that is there
  const visible =
    x !== undefined &&
    y !== undefined &&
    displays.some(
      area =>
        Math.min(x + width, area.x + area.width) - Math.max(x, area.x) >= 100 &&
        y >= area.y &&
        y <= area.y + area.height - 50,
    );
  return visible ? bounds : { width, height, maximized };
}

/** Whole or not at all: by a temporary file and a rename. */
export async function writeBounds(file: string, bounds: WindowBounds): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(temporary, `${JSON.stringify(stored.parse(bounds))}\n`, { mode: 0o600 });
    await rename(temporary, file);
  } catch {
    // where the window stood is not worth a message
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

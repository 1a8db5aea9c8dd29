/** "1 image", "3 images". */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${grouped(n)} ${n === 1 ? one : many}`;

export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** "42 kB", "1.0 MB", "212 MB": powers of ten, as disks and registries count. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit >= 1 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit] ?? ''}`;
}

/** "a", "a and b", "a, b and c", "a, b and 3 more". */
export function joined(items: readonly string[], most = 3): string {
  if (items.length <= 1) return items[0] ?? '';
  if (items.length <= most) return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
  return `${items.slice(0, most - 1).join(', ')} and ${items.length - most + 1} more`;
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Paths are cut in the middle: the end tells them apart. */
export function cutMiddle(path: string, most: number): string {
  if (path.length <= most) return path;
  const tail = Math.ceil((most - 1) * 0.6);
  return `${path.slice(0, most - 1 - tail)}…${path.slice(-tail)}`;
}

/** `~/code/shop`. A home that is not known yet shortens nothing. */
export function shortPath(path: string, userHome: string | null): string {
  if (userHome === null || userHome === '') return path;
  return path === userHome || path.startsWith(`${userHome}/`) ? `~${path.slice(userHome.length)}` : path;
}

/**
 * About how many bytes a plain value takes as JSON: cheap enough for every item of a log. Infinite when it is nested too deep (or in a
 * circle). It looks no further than `most`: of a picture with thousands of pods nobody wants to know more.
 */
export function approximateSize(value: unknown, most = Infinity, depth = 0): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 8;
  if (depth > 64) return Infinity;
  let size = 2;
  if (Array.isArray(value)) {
    for (const item of value) {
      size += approximateSize(item, most - size, depth + 1) + 1;
      if (size >= most) return size;
    }
  } else {
    for (const key of Object.keys(value)) {
      size += key.length + 4 + approximateSize(value[key as keyof typeof value], most - size, depth + 1);
      if (size >= most) return size;
    }
  }
  return size;
}

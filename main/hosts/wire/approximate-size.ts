/** About how many bytes a plain value takes as JSON: cheap enough for every item of a log. Infinite when it is nested too deep (or in a circle). */
export function approximateSize(value: unknown, depth = 0): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 8;
  if (depth > 64) return Infinity;
  let size = 2;
  if (Array.isArray(value)) for (const item of value) size += approximateSize(item, depth + 1) + 1;
  else {
    for (const key of Object.keys(value)) {
      size += key.length + 4 + approximateSize(value[key as keyof typeof value], depth + 1);
    }
  }
  return size;
}

/** About how many bytes a plain value takes as JSON: cheap enough for every item of a log. */
export function approximateSize(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 8;
  let size = 2;
  if (Array.isArray(value)) for (const item of value) size += approximateSize(item) + 1;
  else for (const key in value) size += key.length + 4 + approximateSize(value[key as keyof typeof value]);
  return size;
}

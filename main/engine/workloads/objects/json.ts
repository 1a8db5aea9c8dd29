// Reading objects whose shape only their kind knows: what is not there is empty, never an error.

type JsonRecord = Readonly<Record<string, unknown>>;

export function record(value: unknown): JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : {};
}

export const entries = (value: unknown): readonly (readonly [string, unknown])[] =>
  Object.entries(record(value));

export const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The value at a path of keys. */
export const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => record(inner)[key], value);

/** Text and numbers as text; anything else as nothing. */
export const text = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? `${value}`
      : '';

/** Values that are text, by their keys. */
export const textRecord = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(entries(value).map(([key, inner]) => [key, text(inner)]));

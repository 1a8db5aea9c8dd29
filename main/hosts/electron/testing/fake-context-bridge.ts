/**
 * What a value becomes on its way between the preload script's world and the page's: functions become other functions, promises
 * other promises, plain data a frozen copy; class instances lose their class. `File`s pass.
 */
export function acrossWorlds(value: unknown, depth = 0): unknown {
  if (depth > 1000) throw new Error('contextBridge: nested too deep');
  if (typeof value === 'symbol') throw new Error('contextBridge: symbols do not cross');
  if (typeof value === 'function') {
    const inner = value as (...args: unknown[]) => unknown;
    return (...args: unknown[]) =>
      acrossWorlds(inner(...args.map(arg => acrossWorlds(arg, depth + 1))), depth + 1);
  }
  if (typeof value !== 'object' || value === null || value instanceof File) return value;
  if (isPromise(value)) {
    return value.then(
      result => acrossWorlds(result, depth + 1),
      (error: unknown) => {
        // only the text of an error crosses
        throw new Error(error instanceof Error ? error.message : String(error));
      },
    );
  }
  if (Array.isArray(value)) return value.map(item => acrossWorlds(item, depth + 1));
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, acrossWorlds(inner, depth + 1)])),
  );
}

// of another realm, so `instanceof` does not do
const isPromise = (value: object): value is Promise<unknown> =>
  'then' in value && typeof value.then === 'function';

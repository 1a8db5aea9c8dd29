import { EventEmitter } from 'node:events';
import { surfaceOf } from './electron-surface.ts';

const emitterMembers = new Set([
  ...Object.getOwnPropertyNames(EventEmitter.prototype),
  ...Object.keys(new EventEmitter()),
]);
/** What the language itself asks of any object. */
const language = new Set(['then', 'toJSON', 'constructor', 'asymmetricMatch', 'nodeType', '$$typeof']);

/**
 * A stand-in for Electron's `name`: what the typings lack it refuses to have, what they have and it lacks it refuses to be
 * asked for, and events that the typings do not name it refuses to be listened to for.
 */
export function guard<T extends object>(name: string, fake: T): T {
  const { members, events } = surfaceOf(name);
  for (const key of Object.keys(fake)) {
    if (!members.has(key) && !emitterMembers.has(key)) throw new Error(`electron.d.ts has no ${name}.${key}`);
  }
  return new Proxy(fake, {
    get(target, key, receiver) {
      if (typeof key === 'symbol' || language.has(key)) return Reflect.get(target, key, receiver);
      if (key in target) {
        const value: unknown = Reflect.get(target, key, receiver);
        return ['on', 'once', 'addListener'].includes(key) && events.size > 0
          ? listened(name, events, value)
          : value;
      }
      throw new Error(
        members.has(key) ? `the stand-in lacks ${name}.${key}` : `electron.d.ts has no ${name}.${key}`,
      );
    },
    set(target, key, value, receiver) {
      if (typeof key === 'string' && !members.has(key) && !emitterMembers.has(key)) {
        throw new Error(`electron.d.ts has no ${name}.${key}`);
      }
      return Reflect.set(target, key, value, receiver);
    },
  });
}

function listened(name: string, events: ReadonlySet<string>, value: unknown) {
  return function (this: unknown, event: string, ...rest: unknown[]): unknown {
    if (!events.has(event)) throw new Error(`electron.d.ts has no event ${event} of ${name}`);
    return (value as (...args: unknown[]) => unknown).call(this, event, ...rest);
  };
}

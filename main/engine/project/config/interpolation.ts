import { textOf } from './yaml-values.ts';
import type { YamlValue } from './yaml-values.ts';

/** Where the parts of a `${…}` come from. */
export interface InterpolationScope {
  /** The value of a key by its dotted path; null when there is none. */
  lookUp(path: string): YamlValue | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Why a `${…}` can't be worked out. */
export class InterpolationError extends Error {}

/** Whether the text holds a live `${`. */
export function isInterpolated(text: string): boolean {
  return text.includes('${');
}

/**
 * Works out `${kind.name}`, `${.sibling}` and `${oc.env:HOME,default}` as OmegaConf does for the original. A backslash before `${` keeps it
 * as it is. Where the whole text is one interpolation the value keeps its type.
 */
export function interpolate(text: string, parent: string, scope: InterpolationScope): YamlValue {
  if (!isInterpolated(text)) return { type: 'string', value: text };
  const parts: (string | YamlValue)[] = [];
  let plain = '';
  let index = 0;
  while (index < text.length) {
    if (text.startsWith('${', index)) {
      if (plain !== '') parts.push(plain);
      plain = '';
      const end = closing(text, index + 2);
      parts.push(evaluate(text.slice(index + 2, end), parent, scope));
      index = end + 1;
      continue;
    }
    const slashes = /^\\+(?=\$\{)/.exec(text.slice(index))?.[0].length ?? 0;
    if (slashes > 0) {
      // Pairs of backslashes are one each; one that is left over escapes the `${`.
      plain += '\\'.repeat(Math.floor(slashes / 2));
      index += slashes;
      if (slashes % 2 === 1) {
        plain += '${';
        index += 2;
      }
      continue;
    }
    plain += text[index];
    index += 1;
  }
  if (plain !== '') parts.push(plain);
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && typeof only !== 'string') return only;
  return {
    type: 'string',
    value: parts.map(part => (typeof part === 'string' ? part : textOf(part))).join(''),
  };
}

function closing(text: string, start: number): number {
  let depth = 1;
  for (let index = start; index < text.length; index++) {
    if (text.startsWith('${', index)) depth += 1;
    if (text[index] === '}' && --depth === 0) return index;
  }
  throw new InterpolationError('“${” has no closing “}”');
}

function evaluate(inside: string, parent: string, scope: InterpolationScope): YamlValue {
  const expression = inside.trim();
  const resolver = /^([A-Za-z_][\w.]*):(.*)$/s.exec(expression);
  if (resolver !== null) return resolve(resolver[1] ?? '', resolver[2] ?? '', parent, scope);
  const inner = isInterpolated(expression) ? textOf(interpolate(expression, parent, scope)) : expression;
  const relative = /^\.+/.exec(inner)?.[0].length ?? 0;
  const keys = inner
    .slice(relative)
    .replaceAll(/\[([^\]]*)\]/g, '.$1')
    .replace(/^\./, '')
    .split('.');
  if (inner === '' || keys.some(key => key === '' || /[\s{}:]/.test(key)))
    throw new InterpolationError(`“\${${inside}}” is no interpolation`);
  const base = relative === 0 ? [] : parent.split('.').filter(Boolean);
  if (relative > base.length + 1) throw new InterpolationError(`“\${${inside}}” leads out of ptah.yml`);
  const path = [...base.slice(0, base.length - Math.max(relative - 1, 0)), ...keys].join('.');
  const value = scope.lookUp(path);
  if (value === null) throw new InterpolationError(`“\${${inside}}” names no key of ptah.yml`);
  return value;
}

function resolve(name: string, written: string, parent: string, scope: InterpolationScope): YamlValue {
  if (name !== 'oc.env')
    throw new InterpolationError(`“\${${name}:…}” is not supported; only “\${oc.env:NAME}” is`);
  const [key = '', fallback, ...more] = splitArguments(written).map(argument =>
    unquote(textOf(interpolate(argument.trim(), parent, scope))),
  );
  if (key === '' || more.length > 0)
    throw new InterpolationError('“${oc.env:…}” takes a name, and a default after a comma');
  const value = scope.env[key] ?? fallback;
  if (value === undefined) throw new InterpolationError(`The environment variable ${key} is not set`);
  if (scope.env[key] === undefined && fallback === 'null') return { type: 'null' };
  return { type: 'string', value };
}

function splitArguments(written: string): string[] {
  const found: string[] = [''];
  let depth = 0;
  let quote = '';
  for (const character of written) {
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '{') depth += 1;
    else if (character === '}') depth -= 1;
    if (character === ',' && depth === 0 && quote === '') found.push('');
    else found[found.length - 1] += character;
  }
  return found;
}

function unquote(argument: string): string {
  const quoted = /^(["'])(.*)\1$/s.exec(argument);
  return quoted === null ? argument : (quoted[2] ?? '');
}

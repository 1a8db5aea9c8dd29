import type { WireError } from '../../preload/contract/errors.ts';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter(item => typeof item === 'string') : [];

/** Whatever was thrown, in the shape that every error has at the border. */
export function toFailure(thrown: unknown): WireError {
  if (!isRecord(thrown)) {
    return { code: 'unknown', message: String(thrown), cause: [], hint: null, details: {} };
  }
  const text = (key: string, otherwise: string) =>
    typeof thrown[key] === 'string' ? thrown[key] : otherwise;
  return {
    code: text('code', 'unknown'),
    message: text('message', 'Something failed without a message'),
    cause: texts(thrown['cause']),
    hint: typeof thrown['hint'] === 'string' ? thrown['hint'] : null,
    details: isRecord(thrown['details']) ? thrown['details'] : {},
  };
}

export const wasAborted = (thrown: unknown): boolean =>
  isRecord(thrown) && (thrown['name'] === 'AbortError' || thrown['code'] === 'cancelled');

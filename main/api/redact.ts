const hidden = '•••';

/** Names of fields whose value is never shown. `secretName`, `tokenReview` and the like are names, not secrets. */
const secretField =
  /^(?:.*[-_.])?(?:password|passwd|passphrase|secret|token|authorization|cookie|set-cookie|api-?key|private-?key|client-key-data|access-?key|bearer|credentials?|registry-auth|x-registry-auth)$/i;

/**
 * Each finds its place by fixed words and has bounded parts only: the text comes from anywhere, and a pattern that may begin at
 * every character and run to the end takes minutes on a long line.
 */
const rules: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, hidden],
  // JSON web tokens: service accounts, OIDC
  [/\beyJ[\w-]{8,8192}\.[\w-]{8,8192}\.[\w-]{0,8192}/g, hidden],
  [/\b(Bearer|Basic)\s{1,8}[\w+/=.~-]{8,}/gi, `$1 ${hidden}`],
  // https://user:password@host
  [/(:\/\/[^\s/@:]{0,256}):[^\s/@]{1,256}@/g, `$1:${hidden}@`],
  [
    /(password|passwd|token|secret|api_?key|access_?key|secret_?key|credentials?)=("[^"]{0,4096}"|'[^']{0,4096}'|[^\s&"',;]+)/gi,
    `$1=${hidden}`,
  ],
  [
    /((?:password|token|secret|auth|client-key-data|apikey)"\s{0,8}:\s{0,8})"[^"]{0,4096}"/gi,
    `$1"${hidden}"`,
  ],
  [/\b(client-key-data:\s{0,8})\S+/gi, `$1${hidden}`],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, hidden],
  [/\b(?:ghp|gho|ghs|ghu|glpat|npm)[_-][A-Za-z0-9_-]{20,}/g, hidden],
];

/** Takes passwords, tokens and keys out of a text that is shown, kept or copied into a bug report. */
export function redact(text: string): string {
  let result = text;
  for (const [pattern, replacement] of rules) result = result.replace(pattern, replacement);
  return result;
}

const isSecretFlag = (word: string) =>
  /^--?(?:[\w-]*-)?(?:password|token|secret|api-key|passphrase)$/i.test(word);

/** An argument array: also the word after `--password`. */
export function redactCommand(command: readonly string[]): string[] {
  return command.map((word, index) =>
    index > 0 && isSecretFlag(command[index - 1] ?? '') ? hidden : redact(word),
  );
}

/**
 * Evidence as plain JSON data without secrets: whatever an error carried (buffers, sockets, cycles, getters that throw)
 * becomes text or is left out. Bounded, so that no error floods the line.
 */
export function toPlainEvidence(
  value: unknown,
  field = '',
  depth = 0,
  seen: readonly object[] = [],
): unknown {
  if (field.length <= 128 && secretField.test(field) && value !== null && typeof value !== 'object')
    return hidden;
  if (typeof value === 'string') return redact(value.length > 16_384 ? `${value.slice(0, 16_384)}…` : value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'object') return value && plainObject(value, field, depth, seen);
  return undefined;
}

function plainObject(value: object, field: string, depth: number, seen: readonly object[]): unknown {
  if (depth > 8 || seen.includes(value)) return '…';
  const path = [...seen, value];
  if (value instanceof Error) return redact(value.message);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `${value.byteLength} bytes`;
  if (value instanceof Map || value instanceof Set) return toPlainEvidence([...value], field, depth, path);
  if (Array.isArray(value)) {
    if (field === 'command' && value.every(word => typeof word === 'string')) return redactCommand(value);
    return value.slice(0, 1000).map((item: unknown) => toPlainEvidence(item, '', depth + 1, path) ?? null);
  }
  const plain: Record<string, unknown> = {};
  for (const key of Object.keys(value).slice(0, 200)) {
    if (key === '__proto__') continue;
    let inner: unknown;
    try {
      inner = toPlainEvidence((value as Record<string, unknown>)[key], key, depth + 1, path);
    } catch {
      continue;
    }
    if (inner !== undefined) plain[key] = inner;
  }
  return plain;
}

/** A scalar as PyYAML (YAML 1.1) reads it, which is how the original reads `ptah.yml`: `on` is true, `0777` is 511, `1:30` is 90. */
export type YamlValue =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'integer'; readonly value: bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'null' };

const BOOLEAN = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const TRUE = /^(?:yes|true|on)$/i;
const NULL = /^(?:~|null|Null|NULL|)$/;
const INTEGER =
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT = new RegExp(
  `^(?:${[
    String.raw`[-+]?[0-9]+(?:_[0-9]+)*\.[0-9_]*(?:[eE][-+]?[0-9]+)?`,
    String.raw`[-+]?[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+)`,
    String.raw`\.[0-9]+(?:_[0-9]+)*(?:[eE][-+][0-9]+)?`,
    String.raw`[-+]?[0-9]+(?:_[0-9]+)*(?::[0-5]?[0-9])+\.[0-9_]*`,
    String.raw`[-+]?\.(?:inf|Inf|INF)`,
    String.raw`\.(?:nan|NaN|NAN)`,
  ].join('|')})$`,
);

/** What an unquoted scalar without a tag means. */
export function resolvePlain(text: string): YamlValue {
  if (NULL.test(text)) return { type: 'null' };
  if (BOOLEAN.test(text)) return { type: 'boolean', value: TRUE.test(text) };
  if (INTEGER.test(text)) {
    const value = integerOf(text);
    if (value !== null) return { type: 'integer', value };
  }
  if (FLOAT.test(text)) return { type: 'float', value: floatOf(text) };
  return { type: 'string', value: text };
}

function integerOf(text: string): bigint | null {
  const digits = text.replaceAll('_', '');
  const negative = digits.startsWith('-');
  const bare = digits.replace(/^[-+]/, '');
  const size = sizeOf(bare);
  return size === null ? null : negative ? -size : size;
}

function sizeOf(bare: string): bigint | null {
  if (bare === '0') return 0n;
  if (/^0[bx]/.test(bare)) return bare.length > 2 ? BigInt(bare) : null;
  if (bare.startsWith('0')) return BigInt(`0o${bare}`);
  return bare.split(':').reduce((total, part) => total * 60n + BigInt(part), 0n);
}

function floatOf(text: string): number {
  const digits = text.replaceAll('_', '').toLowerCase();
  const sign = digits.startsWith('-') ? -1 : 1;
  const bare = digits.replace(/^[-+]/, '');
  if (bare === '.inf') return sign * Infinity;
  if (bare === '.nan') return Number.NaN;
  if (!bare.includes(':')) return sign * Number(bare);
  return sign * bare.split(':').reduce((total, part) => total * 60 + Number(part), 0);
}

/** Python's `str()` of the value. */
export function textOf(value: YamlValue): string {
  switch (value.type) {
    case 'null':
      return 'None';
    case 'boolean':
      return value.value ? 'True' : 'False';
    case 'float':
      return floatText(value.value);
    case 'integer':
    case 'string':
    default:
      return String(value.value);
  }
}

/** Python's `repr` of a float: as short as JavaScript's, spelled differently at the ends. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits = '', exponent = '0'] = value.toExponential().split('e');
    const power = Number(exponent);
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const text = String(value);
  return /^-?[0-9]+$/.test(text) ? `${text}.0` : text;
}

/** Python's `int()` of a string; null where it fails. */
export function integerFromText(text: string): bigint | null {
  const trimmed = text.trim();
  return /^[-+]?[0-9]+(?:_[0-9]+)*$/.test(trimmed)
    ? BigInt(trimmed.replaceAll('_', '').replace(/^\+/, ''))
    : null;
}

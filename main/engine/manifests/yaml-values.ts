import type { DocumentOptions, ParseOptions, ScalarTag, SchemaOptions, Tags } from 'yaml';

const INTEGER = /^[-+]?(?:0[0-7_]*|[1-9][0-9_]*|0[oO][0-7_]+|0[bB][01_]+|0[xX][0-9a-fA-F_]+)$/;
const FLOAT = /^[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9_]+)?$/;

// Values as kubectl reads them. Tried against kubectl 1.3x: `012` is 10, `1_000` is 1000, `1e3` is 1000, but `1:30` is text
// (YAML 1.1 would say 90) and so is a date.
const integer: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: INTEGER,
  resolve: text => toInteger(text.replace(/_/g, '')),
};

const float: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  test: FLOAT,
  resolve: text => Number(text.replace(/_/g, '')),
};

const binary: ScalarTag = {
  tag: 'tag:yaml.org,2002:binary',
  default: false,
  resolve: text => Buffer.from(text, 'base64').toString('utf8'),
};

const LEFT_OUT = ['int', 'float', 'timestamp', 'binary', 'set', 'omap', 'pairs'].map(
  name => `tag:yaml.org,2002:${name}`,
);

/** Options of the YAML library that give kubectl's values; repeated keys are looked for by us, in linear time. */
export const kubectlYaml: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  merge: true,
  strict: true,
  uniqueKeys: false,
  stringKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
  customTags: (tags: Tags): Tags => [
    ...tags.filter(tag => typeof tag !== 'string' && !LEFT_OUT.includes(tag.tag)),
    integer,
    float,
    binary,
  ],
};

function toInteger(text: string): number {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[-+]/, '');
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits.toLowerCase());
  return negative && value !== 0 ? -value : value;
}

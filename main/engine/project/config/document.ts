import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, Scalar } from 'yaml';
import type { Document, Node, YAMLMap } from 'yaml';
import type { Problem } from '../../errors/index.ts';
import { resolvePlain } from './yaml-values.ts';
import type { YamlValue } from './yaml-values.ts';

/** A place in `ptah.yml`: both from 1, columns in code points. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A node of `ptah.yml`, with its place. */
export type ConfigNode =
  | { readonly kind: 'mapping'; readonly place: Place; readonly entries: readonly ConfigEntry[] }
  | { readonly kind: 'sequence'; readonly place: Place; readonly items: readonly ConfigNode[] }
  | { readonly kind: 'scalar'; readonly place: Place; readonly value: YamlValue };

export interface ConfigEntry {
  readonly key: string;
  readonly keyPlace: Place;
  readonly value: ConfigNode;
}

export interface ReadDocument {
  /** Null when the file is empty or can't be read as YAML. */
  readonly root: ConfigNode | null;
  readonly problems: readonly Problem[];
}

/** More than any real file holds. */
const MOST_NODES = 50_000;
const TOP: Place = { line: 1, column: 1 };

/** Reads the text of `ptah.yml` with YAML 1.1's meaning of scalars, collecting what is wrong with it. */
export function readDocument(text: string, file: string): ReadDocument {
  const lineCounter = new LineCounter();
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const documents = parseAllDocuments(body, {
    schema: 'failsafe',
    version: '1.1',
    uniqueKeys: false,
    lineCounter,
    logLevel: 'silent',
  });
  const reader = new DocumentReader(body, file, lineCounter);
  if (!('length' in documents) || documents.length === 0) return { root: null, problems: [] };
  for (const document of documents)
    for (const error of document.errors)
      reader.report(error.message.split('\n')[0]?.replace(/ at line .*$/, '') ?? '', error.pos[0]);
  const [first, second] = documents;
  if (second !== undefined)
    reader.report('There are several documents; ptah.yml is one.', second.range?.[0] ?? 0);
  if (reader.problems.length > 0 || first === undefined || first.contents === null)
    return { root: null, problems: reader.problems };
  const root = reader.read(first.contents, first);
  return { root, problems: reader.problems };
}

class DocumentReader {
  readonly problems: Problem[] = [];
  readonly #text: string;
  readonly #file: string;
  readonly #lineCounter: LineCounter;
  #depth = 0;
  #nodes = 0;

  constructor(text: string, file: string, lineCounter: LineCounter) {
    this.#text = text;
    this.#file = file;
    this.#lineCounter = lineCounter;
  }

  report(message: string, offset: number): void {
    this.problems.push({
      code: 'yaml-syntax',
      severity: 'error',
      message: message.endsWith('.') ? message : `${message}.`,
      hint: 'Correct the YAML at this place.',
      file: this.#file,
      ...this.#place(offset),
    });
  }

  read(node: Node | null, document: Document): ConfigNode {
    const place = node?.range ? this.#place(node.range[0]) : TOP;
    // Aliases may nest each other; ptah.yml has three levels.
    // and each may stand for many: a list of lists of aliases grows without end.
    this.#nodes += 1;
    if (this.#depth > 20 || this.#nodes > MOST_NODES) return { kind: 'sequence', place, items: [] };
    this.#depth += 1;
    try {
      if (isAlias(node)) {
        const target = node.resolve(document);
        if (target === undefined)
          this.report(`The alias *${node.source} has no anchor`, node.range?.[0] ?? 0);
        return target === undefined
          ? { kind: 'scalar', place, value: { type: 'null' } }
          : { ...this.read(target, document), place };
      }
      if (isMap(node)) return { kind: 'mapping', place, entries: this.#entries(node, document) };
      if (isSeq(node))
        return {
          kind: 'sequence',
          place,
          items: node.items.map(item => this.read(item as Node | null, document)),
        };
      if (isScalar(node)) return { kind: 'scalar', place, value: this.#scalar(node) };
      return { kind: 'scalar', place, value: { type: 'null' } };
    } finally {
      this.#depth -= 1;
    }
  }

  #entries(map: YAMLMap, document: Document): ConfigEntry[] {
    const own: ConfigEntry[] = [];
    const merged: ConfigEntry[] = [];
    for (const pair of map.items) {
      const keyNode = pair.key as Node | null;
      const keyPlace = keyNode?.range ? this.#place(keyNode.range[0]) : TOP;
      const value = this.read(pair.value as Node | null, document);
      if (!isScalar(keyNode)) {
        this.report('A key has to be text', keyNode?.range?.[0] ?? 0);
        continue;
      }
      const key = String(keyNode.value);
      if (key === '<<' && keyNode.type === Scalar.PLAIN) {
        if (value.kind === 'mapping') merged.push(...value.entries);
        else this.report('“<<” merges a mapping, and this is none', keyNode.range?.[0] ?? 0);
        continue;
      }
      if (own.some(entry => entry.key === key))
        this.report(`The key “${key}” is there twice`, keyNode.range?.[0] ?? 0);
      own.push({ key, keyPlace, value: { ...value, place: value.place === TOP ? keyPlace : value.place } });
    }
    return [...own, ...merged.filter(entry => !own.some(({ key }) => key === entry.key))];
  }

  #scalar(node: Scalar): YamlValue {
    const text = typeof node.value === 'string' ? node.value : '';
    const tag = node.tag;
    if (tag === 'tag:yaml.org,2002:str' || (tag === undefined && node.type !== Scalar.PLAIN))
      return { type: 'string', value: text };
    if (tag === undefined || tag === '!')
      return tag === '!' ? { type: 'string', value: text } : resolvePlain(text);
    const resolved = resolvePlain(text);
    const wanted = {
      'tag:yaml.org,2002:int': 'integer',
      'tag:yaml.org,2002:float': 'float',
      'tag:yaml.org,2002:bool': 'boolean',
      'tag:yaml.org,2002:null': 'null',
    }[tag];
    if (wanted === resolved.type) return resolved;
    if (wanted === 'float' && resolved.type === 'integer')
      return { type: 'float', value: Number(resolved.value) };
    this.report(
      wanted === undefined ? `The tag ${tag} is not known` : `“${text}” is no ${wanted}`,
      node.range?.[0] ?? 0,
    );
    return { type: 'string', value: text };
  }

  #place(offset: number): Place {
    const { line } = this.#lineCounter.linePos(offset);
    const start = this.#lineCounter.lineStarts[line - 1] ?? 0;
    return { line: Math.max(line, 1), column: Array.from(this.#text.slice(start, offset)).length + 1 };
  }
}

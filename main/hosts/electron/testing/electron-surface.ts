import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** What the typings say that a class or interface of Electron has. */
export interface Surface {
  readonly members: ReadonlySet<string>;
  /** Names that `on` takes; empty where the typings name none. */
  readonly events: ReadonlySet<string>;
}

interface Declared {
  readonly members: Set<string>;
  readonly events: Set<string>;
  readonly parents: Set<string>;
}

const file = fileURLToPath(import.meta.resolve('electron/electron.d.ts'));
let declared: Map<string, Declared> | null = null;

/** Reads `electron.d.ts` itself: a stand-in that has more than the real thing proves nothing. */
export function surfaceOf(name: string): Surface {
  declared ??= readDeclarations();
  const own = declared.get(name);
  if (!own) throw new Error(`electron.d.ts has no ${name}`);
  const members = new Set(own.members);
  const events = new Set(own.events);
  for (const parent of own.parents) {
    if (parent === 'NodeEventEmitter' || !declared.has(parent)) continue;
    const inherited = surfaceOf(parent);
    inherited.members.forEach(member => members.add(member));
    inherited.events.forEach(event => events.add(event));
  }
  return { members, events };
}

function readDeclarations(): Map<string, Declared> {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const found = new Map<string, Declared>();
  const visit = (node: ts.Node): void => {
    if (ts.isModuleDeclaration(node) || ts.isModuleBlock(node)) return ts.forEachChild(node, visit);
    if (!ts.isClassDeclaration(node) && !ts.isInterfaceDeclaration(node)) return;
    if (node.name) read(node, node.name.text, found);
  };
  ts.forEachChild(source, visit);
  return found;
}

function read(
  node: ts.ClassDeclaration | ts.InterfaceDeclaration,
  name: string,
  found: Map<string, Declared>,
): void {
  const entry = found.get(name) ?? { members: new Set(), events: new Set(), parents: new Set() };
  found.set(name, entry);
  for (const clause of node.heritageClauses ?? []) {
    for (const type of clause.types)
      if (ts.isIdentifier(type.expression)) entry.parents.add(type.expression.text);
  }
  for (const member of node.members) {
    if (!member.name || !ts.isIdentifier(member.name)) continue;
    entry.members.add(member.name.text);
    if (member.name.text !== 'on' || !('parameters' in member)) continue;
    const type = (member.parameters as ts.NodeArray<ts.ParameterDeclaration>)[0]?.type;
    if (type && ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal))
      entry.events.add(type.literal.text);
  }
}

import { LineCounter, parseDocument } from 'yaml';
import { ApiError } from '../../cluster/index.ts';
import { lineOfField } from '../../manifests/index.ts';
import type { KubernetesObject, ObjectRef } from '../../manifests/index.ts';
import type { EditProblem } from './types.ts';

type Refused = { readonly message: string; readonly problems: readonly EditProblem[] };

/** Reads the edited text as the object that it was; else says where it is wrong. Pure. */
export function readEdit(
  edited: string,
  ref: ObjectRef,
): { readonly object: KubernetesObject } | { readonly refused: Refused } {
  const lines = new LineCounter();
  const document = parseDocument(edited, { lineCounter: lines, logLevel: 'silent' });
  const problems = document.errors.slice(0, 5).map(error => {
    const { line, col } = lines.linePos(error.pos[0]);
    return { message: firstLine(error.message), field: null, line, column: col };
  });
  if (problems.length > 0) return refused('This is no YAML.', problems);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return refused(error instanceof Error ? firstLine(error.message) : 'This is no YAML.', []);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refused('One object is edited here.', []);
  const object = value as KubernetesObject;
  const metadata = (object.metadata as KubernetesObject['metadata'] | undefined) ?? { name: '' };
  const fixed: readonly (readonly [string, unknown, unknown])[] = [
    ['apiVersion', object.apiVersion, ref.apiVersion],
    ['kind', object.kind, ref.kind],
    ['metadata.name', metadata.name, ref.name],
    ['metadata.namespace', metadata.namespace ?? ref.namespace, ref.namespace],
  ];
  const changed = fixed.filter(([, mine, live]) => mine !== live);
  if (changed.length > 0)
    return refused(
      'An object keeps its kind, name and namespace.',
      changed.map(([field, , live]) => problem(edited, field, `${field} stays ${String(live)}.`)),
    );
  return { object: { ...object, metadata } };
}

/** What the API server refused, with the lines of the edited text. Null when it refused for another reason. */
export function readRefusal(edited: string, error: unknown): Refused | null {
  if (!(error instanceof ApiError) || !['invalid', 'too-large', 'api'].includes(error.code)) return null;
  const { message = error.message, details } = error.apiStatus;
  const causes = (details?.causes ?? []).filter(cause => cause.field || cause.message);
  const problems =
    causes.length > 0
      ? causes.map(({ field, message: said }) => problem(edited, field ?? '', said ?? message))
      : fromSentence(message).map(({ field, said }) => problem(edited, field, said));
  return { message: firstLine(message), problems };
}

/** Where there are no causes the server names fields in its sentence only: strict decoding, and values of a wrong type. */
function fromSentence(message: string): { field: string; said: string }[] {
  const unknown = [...message.matchAll(/(unknown|duplicate) field "([^"]+)"/g)].map(
    ([said, , field = '']) => ({
      field,
      said,
    }),
  );
  // `Go struct field DeploymentSpec.spec.replicas of type int32`: the first word is Go's, the rest is ours.
  const typed = [
    ...message.matchAll(/cannot unmarshal (\S+) into Go struct field \w+\.(\S+) of type (\S+)/g),
  ].map(([, given = '', field = '', wanted = '']) => ({
    field,
    said: `${wanted} is wanted, not ${given}`,
  }));
  return [...unknown, ...typed];
}

function problem(edited: string, field: string, message: string): EditProblem {
  return {
    message,
    field: field === '' ? null : field,
    line: field === '' ? null : lineOfField({ rewritten: edited, line: 1 }, field),
    column: null,
  };
}

const refused = (message: string, problems: readonly EditProblem[]): { readonly refused: Refused } => ({
  refused: { message, problems },
});

const firstLine = (text: string): string => (text.split('\n')[0] ?? text).replace(/[\s:]+$/, '');

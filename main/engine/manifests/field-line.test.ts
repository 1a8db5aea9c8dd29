import { expect, it } from 'vitest';
import { lineOfField } from './field-line.ts';

const rewritten = `# a comment first
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: { app.kubernetes.io/name: web }
spec:
  ports:
    - name: http
      port: 80
    - name: https
      port: 99999
`;
// the document begins at line 20 of its file
const at = (field: string) => lineOfField({ rewritten, line: 20 }, field);

it('finds the line of a field by index and by key', () => {
  expect(at('spec.ports[1].port')).toBe(30);
  expect(at('.spec.ports[name="https"].port')).toBe(30);
  expect(at('spec.ports[name="https",port="99999"].port')).toBe(30);
});

it('stops at the deepest part that is there', () => {
  expect(at('spec.ports[1].targetPort')).toBe(29);
  expect(at('spec.selector')).toBe(25);
  expect(at('status.nothing')).toBe(20);
  expect(at('metadata.labels[app.kubernetes.io/name]')).toBe(24);
});

it('bears what is no field and no document', () => {
  expect(at('')).toBe(20);
  expect(at('<nil>: [')).toBe(20);
  expect(lineOfField({ rewritten: '', line: 3 }, 'spec')).toBe(3);
});

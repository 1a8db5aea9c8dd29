import type { KindPhase } from './types.ts';

const MARKS: Readonly<Record<string, KindPhase['state']>> = { '•': 'running', '✓': 'done', '✗': 'failed' };

/** ` ✓ Preparing nodes 📦 ` → the phase and its state; null for any other line. */
export function parseKindPhase(line: string): KindPhase | null {
  const match = /^\s*([•✓✗])\s+(.*)$/u.exec(line);
  const state = MARKS[match?.[1] ?? ''];
  if (state === undefined) return null;
  const phase = (match?.[2] ?? '')
    .replace(/\p{Extended_Pictographic}|\u200d|\ufe0f/gu, '')
    .replace(/\s*\.{3}\s*$/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return phase === '' ? null : { phase, state };
}

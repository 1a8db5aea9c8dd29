import type { Tree, TreeEntry } from '../types.ts';
import { fingerprint, sameContent, sameEntry } from './entries.ts';

export type Verdict =
  /** As the folder has it. */
  | 'equal'
  /** Still what the image or we put there: the folder's state may replace it. */
  | 'send'
  /** Neither the image's, nor ours, nor the folder's: a cache, something made inside. */
  | 'keep'
  /** Somebody changed it inside; the folder has what it had before. */
  | 'drift'
  /** Changed inside and in the folder. */
  | 'conflict';

export interface Known {
  /** What the image had; null when that is not known, and then the folder wins. */
  readonly baseline: Tree | null;
  /** Fingerprints of what we sent, by path. */
  readonly journal: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What to do about one path of a container. */
export function classify(
  path: string,
  actual: TreeEntry | undefined,
  desired: TreeEntry | undefined,
  { baseline, journal }: Known,
): Verdict {
  if (sameEntry(actual, desired)) return 'equal';
  const had = baseline?.get(path);
  const sent = journal.get(path);
  // permissions alone: nobody's work is lost
  if (actual && desired && sameContent(actual, desired)) return 'send';
  const ours = sent?.has(fingerprint(actual)) === true;
  if (ours) return 'send';
  if (desired === undefined) {
    if (had === undefined && sent === undefined) return 'keep';
    if (had && sameContent(actual, had)) return 'send';
    return 'conflict';
  }
  if (baseline === null) return 'send';
  if (sameContent(actual, had)) return 'send';
  const unchangedHere = sameContent(desired, had) || sent?.has(fingerprint(desired)) === true;
  // what is missing has no content that could be lost: it stays away only where the folder does not speak anew
  if (actual === undefined && (desired.type === 'directory' || !unchangedHere)) return 'send';
  return unchangedHere ? 'drift' : 'conflict';
}

export interface Judged {
  /** What the container has of the paths that are ours to keep equal. */
  readonly applied: Map<string, TreeEntry>;
  /** Paths that somebody changed inside, and how. */
  readonly drift: Map<string, 'changed' | 'deleted' | 'type'>;
}

/** All paths that were read of a container at once. `paths` names what was asked for: what is not in `actual` is absent. */
export function judge(paths: Iterable<string>, actual: Tree, desired: Tree, known: Known): Judged {
  const applied = new Map<string, TreeEntry>();
  const drift = new Map<string, 'changed' | 'deleted' | 'type'>();
  for (const path of paths) {
    const has = actual.get(path);
    const verdict = classify(path, has, desired.get(path), known);
    if (verdict === 'keep') continue;
    const wanted = desired.get(path);
    if (has) applied.set(path, verdict === 'equal' && wanted ? wanted : has);
    if (verdict === 'drift' || verdict === 'conflict')
      drift.set(path, driftKind(has, desired.get(path) ?? known.baseline?.get(path)));
  }
  return { applied, drift };
}

export function driftKind(
  actual: TreeEntry | undefined,
  expected: TreeEntry | undefined,
): 'changed' | 'deleted' | 'type' {
  if (actual === undefined) return 'deleted';
  return expected === undefined || expected.type === actual.type ? 'changed' : 'type';
}

import type { Problem } from '../../preload/contract/errors.ts';
import { problemsOf } from '../components/failure.tsx';
import { ProblemList } from '../components/problem-list.tsx';
import { usePeek, useStores } from '../stores/react.ts';

/** Of the plan; and where there is none, what keeps it from being made. */
export function useProblems(projectId: string | null): readonly Problem[] {
  const { deploys } = useStores();
  const { data, error } = usePeek(deploys.plans, projectId);
  const found = [...(data?.problems ?? []), ...(data?.warnings ?? [])];
  if (error === null) return found;
  const placed = problemsOf(error);
  if (placed.length > 0) return [...placed, ...found];
  const { code, message, hint } = error;
  return [{ code, severity: 'error', message, ...(hint === null ? {} : { hint }) }, ...found];
}

/** What the plan of the project at hand found wrong, with its places. */
export function Problems({ projectId }: { projectId: string | null }) {
  const problems = useProblems(projectId);
  return (
    // A block that scrolls has to be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="log-box scroll" tabIndex={0} role="group" aria-label="Problems">
      {problems.length === 0 ? (
        <p className="t2 pad">
          {projectId === null ? 'Open a project to see its problems.' : 'No problems.'}
        </p>
      ) : (
        <ProblemList problems={problems} />
      )}
    </div>
  );
}

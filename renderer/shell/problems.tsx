import { ProblemList } from '../components/problem-list.tsx';
import { usePeek, useStores } from '../stores/react.ts';

/** What the plan of the project at hand found wrong, with its places. */
export function Problems({ projectId }: { projectId: string | null }) {
  const { deploys } = useStores();
  const plan = usePeek(deploys.plans, projectId).data;
  const problems = [...(plan?.problems ?? []), ...(plan?.warnings ?? [])];
  return (
    // A block that scrolls has to be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="log-box scroll" tabIndex={0} role="group" aria-label="Problems">
      {problems.length === 0 ? (
        <p className="t2 pad">{plan === null ? 'Open a project to see its problems.' : 'No problems.'}</p>
      ) : (
        <ProblemList problems={problems} />
      )}
    </div>
  );
}

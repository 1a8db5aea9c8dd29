import type { Problem } from '../../preload/contract/errors.ts';
import { Status } from './status.tsx';

/** What is wrong, where, and what to do about it. */
export function ProblemList({ problems }: { problems: readonly Problem[] }) {
  return (
    <ul className="problems">
      {problems.map(problem => (
        <li
          key={`${problem.code} ${problem.file ?? ''} ${problem.line ?? ''} ${problem.column ?? ''} ${problem.message}`}
        >
          <Status tone={problem.severity === 'error' ? 'bad' : 'warn'}>
            {problem.severity === 'error' ? 'Error' : 'Warning'}
          </Status>
          <span className="problem-text">
            <span>{problem.message}</span>
            {problem.hint !== undefined && <span className="t3">{problem.hint}</span>}
          </span>
          {problem.file !== undefined && (
            <span className="mono t2 nw">
              {[problem.file, problem.line, problem.column].filter(part => part !== undefined).join(':')}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

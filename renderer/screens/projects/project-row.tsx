import { Button } from '../../components/button.tsx';
import type { RowProps } from '../../components/rows.ts';
import { Status } from '../../components/status.tsx';
import type { ProjectSummary } from '../../../preload/contract/projects.ts';
import { stateOfProject, useDeployedElsewhere } from '../../shell/current.ts';
import { usePeek, useStores } from '../../stores/react.ts';
import { when } from '../../text/time.ts';
import { count, shortPath } from '../../text/words.ts';

export function ProjectRow({
  project,
  now,
  row,
  onRemove,
}: {
  project: ProjectSummary;
  now: number;
  row: RowProps;
  onRemove: () => void;
}) {
  const { location, activity, opening, info } = useStores();
  const home = usePeek(info, '').data?.userHome ?? null;
  const job = usePeek(activity.jobs, '').data?.find(one => one.id === project.runningJob) ?? null;
  const open = () => location.go({ screen: 'overview', projectId: project.id });
  const elsewhere = useDeployedElsewhere(project);
  const { tone, word } = stateOfProject(project, elsewhere);
  const isBroken = project.state === 'missing' || project.state === 'invalid';
  return (
    <tr
      {...row}
      aria-label={project.name}
      className="opens"
      onClick={event => isOwnClick(event.target) && open()}
    >
      <td>
        <div className="pname">
          <span className="b cut">{project.name}</span>
          <span className="mono t3 cut" title={project.root}>
            {shortPath(project.root, home)}
          </span>
        </div>
      </td>
      {isBroken ? (
        <td colSpan={3} className="wraps">
          <Status tone={tone}>{project.problem?.message ?? word}</Status>
          <div className="t3 second">{problemLine(project)}</div>
        </td>
      ) : (
        <>
          <td>
            <div>{count(project.imageCount, 'image')}</div>
            <div className="t3 second">{count(project.manifestCount, 'manifest')}</div>
          </td>
          <td>
            <div>
              <Status tone={tone}>{word}</Status>
            </div>
            <div className="t3 second cut" title={job?.status ?? project.lastDeploy?.summary}>
              {job?.status ?? project.lastDeploy?.summary ?? neverText(project.clusterName, elsewhere)}
            </div>
          </td>
          <td>
            {project.lastDeploy === null ? (
              <span className="t3">{elsewhere ? 'Not from here' : 'Never'}</span>
            ) : (
              when(Date.parse(project.lastDeploy.at), now)
            )}
          </td>
        </>
      )}
      <td>
        <div className="row end">
          {project.state === 'missing' ? (
            <Button
              tabIndex={row.tabIndex}
              aria-label={`Locate ${project.name}…`}
              onClick={() => void opening.choose()}
            >
              Locate…
            </Button>
          ) : (
            <Button tabIndex={row.tabIndex} aria-label={`Open ${project.name}`} onClick={open}>
              Open
            </Button>
          )}
          <Button
            kind="quiet"
            tabIndex={row.tabIndex}
            aria-label={`Remove ${project.name}…`}
            onClick={onRemove}
          >
            Remove…
          </Button>
        </div>
      </td>
    </tr>
  );
}

const isOwnClick = (target: EventTarget) => target instanceof Element && target.closest('button, a') === null;

function problemLine({ state, problem }: ProjectSummary): string {
  if (state === 'missing') return 'What it deployed still runs. Locate the folder, or take it off the list.';
  const place = [problem?.file, problem?.line, problem?.column].filter(part => part !== undefined).join(':');
  if (place !== '') return [place, problem?.hint].filter(Boolean).join(' · ');
  if (problem?.hint !== undefined) return problem.hint;
  return 'Nothing of this project runs until the file can be read.';
}

function neverText(clusterName: string | null, elsewhere: boolean): string {
  if (elsewhere) return 'The cluster equals the folder';
  return clusterName === null ? '' : `Never on kind-${clusterName}`;
}

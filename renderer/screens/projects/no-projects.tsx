import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Status } from '../../components/status.tsx';
import { toHash } from '../../stores/location.ts';
import { useResource, useStores } from '../../stores/react.ts';

/** First run: what to do, what makes a folder a project, and whether this machine is ready. */
export function NoProjects() {
  const { opening, machine } = useStores();
  const docker = useResource(machine, '').data?.docker ?? null;
  return (
    <div className="first-run">
      <div className="drop tall">
        <Icon name="folder-plus" className="empty-icon" />
        <h2 className="empty-title">Drop a project folder</h2>
        <p className="t2">
          Ptah reads it and shows what it would build and change. It starts nothing until you press Deploy.
        </p>
        <div className="row empty-actions">
          <Button kind="primary" icon="folder-open" shortcut="open" onClick={() => void opening.choose()}>
            Open…
          </Button>
        </div>
      </div>
      <section>
        <h2 className="h2">What makes a folder a project</h2>
        <div className="what">
          <div>
            <div className="row b">
              <Icon name="layers" />
              Dockerfiles
            </div>
            <p className="t2">
              <span className="mono">api/Dockerfile</span> becomes image <span className="mono">api</span>,
              tagged by its content.
            </p>
          </div>
          <div>
            <div className="row b">
              <Icon name="file-code" />
              Manifests
            </div>
            <p className="t2">
              <span className="mono">ptah://api</span> in any of them becomes{' '}
              <span className="mono">api:b3c3fbc</span>.
            </p>
          </div>
          <div>
            <div className="row b">
              <Icon name="settings" />
              ptah.yml
            </div>
            <p className="t2">Cluster name, patterns, output folder. A folder without one is proposed one.</p>
          </div>
        </div>
      </section>
      <div className="ready">
        <span className="b">This machine</span>
        {docker?.state === 'ready' && <Status tone="ok">{`Docker ${docker.version ?? ''}`}</Status>}
        {docker?.state === 'unreachable' && <Status tone="bad">{docker.message}</Status>}
        <span className="grow" />
        <a href={toHash({ screen: 'setup', projectId: null })}>Check this machine</a>
      </div>
      <p className="t3">
        No account. No telemetry. Ptah calls only Docker, your cluster and your registries.
      </p>
    </div>
  );
}

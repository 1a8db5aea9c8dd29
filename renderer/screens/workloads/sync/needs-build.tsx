import { useState } from 'react';
import type { WireError } from '../../../../preload/contract/errors.ts';
import type { SyncImage } from '../../../../preload/contract/sync.ts';
import { Button } from '../../../components/button.tsx';
import { Status } from '../../../components/status.tsx';
import { useRunningJob } from '../../../shell/current.ts';
import type { Deploying } from '../../../shell/deploy-button.tsx';
import { toFailure } from '../../../stores/failure.ts';
import { useNow, useStores } from '../../../stores/react.ts';
import { when } from '../../../text/time.ts';
import { count } from '../../../text/words.ts';

const shown = 5;

/** Changed files that no copy rule covers: sync can't bring them in, a build can. */
export function NeedsBuild({
  projectId,
  image,
  deploying,
}: {
  projectId: string;
  image: SyncImage;
  deploying: Deploying;
}) {
  const { client } = useStores();
  const running = useRunningJob(projectId, ['build', 'deploy']);
  const [failed, setFailed] = useState<WireError | null>(null);
  const off = running === null ? null : `${running.title} is running`;
  const build = () => {
    setFailed(null);
    client
      .request('images.build', { projectId, names: [image.name], force: false })
      .catch((thrown: unknown) => setFailed(toFailure(thrown)));
  };
  const hidden = image.outsideCount - Math.min(shown, image.outside.length);
  const now = useNow(image.outside.length > 0, 60_000);
  return (
    <section aria-label="Needs a build">
      <div className="advice needs-build">
        <Status tone="warn" bold>
          Needs a build
        </Status>
        <p className="t2">Changed outside the synced folders:</p>
        <table className="needs-build-files" aria-label="Changed outside the synced folders">
          <tbody>
            {image.outside.slice(0, shown).map(({ file, at }) => (
              <tr key={file}>
                <td className="mono cut" title={file}>
                  {file}
                </td>
                <td className="num t3" title={at}>
                  {when(Date.parse(at), now)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {hidden > 0 && <p className="t2">{`and ${count(hidden, 'more', 'more')}`}</p>}
        <div className="acts">
          <Button small icon="hammer" off={off} onClick={build}>{`Build ${image.name}`}</Button>
          <Button
            small
            icon="play"
            off={deploying.off ?? (deploying.busy ? 'A deploy is running' : null)}
            onClick={() => deploying.deploy()}
          >
            Deploy
          </Button>
        </div>
        {failed !== null && (
          <p role="alert">
            <Status tone="bad">{failed.message}</Status>
          </p>
        )}
      </div>
    </section>
  );
}

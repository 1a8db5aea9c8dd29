import type { ForwardsSnapshot, ForwardView } from '../../../preload/contract/forwards.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Status } from '../../components/status.tsx';
import { Switch } from '../../components/switch.tsx';
import { useStores } from '../../stores/react.ts';
import { forwardTitle, forwardWord, toneOfForward } from '../../text/forwards.ts';

/** The ports of this machine that lead into the project, each with its switch. */
export function Forwards({ projectId, snapshot }: { projectId: string; snapshot: ForwardsSnapshot }) {
  const { forwards } = useStores();
  const { api, startWithProject } = snapshot;
  const manyNamespaces = new Set(snapshot.forwards.map(({ target }) => target.namespace)).size > 1;
  return (
    <>
      <table className="list wl services" aria-label="Forwards">
        <colgroup>
          <col />
          <col style={{ width: 124 }} />
          <col style={{ width: '56%' }} />
        </colgroup>
        <thead>
          <tr>
            <th>Forwards</th>
            <th>Switch</th>
            <th>On this machine</th>
          </tr>
        </thead>
        <tbody>
          {snapshot.forwards.map(forward => (
            <ForwardRow
              key={forward.id}
              projectId={projectId}
              forward={forward}
              manyNamespaces={manyNamespaces}
            />
          ))}
          <tr>
            <td className="cut" title="API of the cluster, at api_server.port">
              <span className="b">API of the cluster</span> <span className="t3">api_server.port</span>
            </td>
            <td>
              <Switch
                view={{
                  look: api.on ? 'on' : 'off',
                  word: api.on ? 'On' : 'Off',
                  checked: api.on ? 'on' : 'off',
                  title: null,
                }}
                label="Forward of the API"
                onPress={() => forwards.api(projectId, !api.on)}
              />
            </td>
            <td>
              <div className="row">
                {api.on ? (
                  <>
                    <span className="mono nw">{api.address}</span>
                    {api.state === 'active' && <CopyButton text={() => api.address} />}
                    <span className="cut grow" title={api.message ?? undefined}>
                      <Status tone={toneOfForward(api)}>
                        {api.state === 'active' ? forwardWord(api) : (api.message ?? forwardWord(api))}
                      </Status>
                    </span>
                  </>
                ) : (
                  <span className="t3">{`Port ${api.port}, as kubectl proxy serves it`}</span>
                )}
              </div>
            </td>
          </tr>
        </tbody>
      </table>
      <div className="row foot">
        <Button small icon="play" onClick={() => forwards.startAll(projectId)}>
          Forward all ports
        </Button>
        <span className="grow" />
        <span className="t3">Switch on again when the project is opened</span>
        <Switch
          view={{
            look: startWithProject ? 'on' : 'off',
            word: startWithProject ? 'On' : 'Off',
            checked: startWithProject ? 'on' : 'off',
            title: null,
          }}
          label="Switch forwards on again when the project is opened"
          onPress={() => forwards.withProject(projectId, !startWithProject)}
        />
      </div>
    </>
  );
}

function ForwardRow({
  projectId,
  forward,
  manyNamespaces,
}: {
  projectId: string;
  forward: ForwardView;
  manyNamespaces: boolean;
}) {
  const { forwards } = useStores();
  const title = forwardTitle(forward);
  return (
    <tr data-forward={forward.id}>
      <td className="cut" title={title}>
        <span className="b">{forward.target.name}</span>{' '}
        <span className="t3">
          {forward.target.kind}
          {manyNamespaces && ` in ${forward.target.namespace}`}
        </span>{' '}
        <span className="mono">{forward.port}</span>
      </td>
      <td>
        <ForwardSwitch projectId={projectId} forward={forward} />
      </td>
      <td>
        <div className="row">
          <ForwardAddress projectId={projectId} forward={forward} />
          {!forward.on && <span className="grow" />}
          <IconButton
            icon="x"
            label={`Remove the forward of ${title}`}
            onClick={() => forwards.remove(projectId, forward)}
          />
        </div>
      </td>
    </tr>
  );
}

export function ForwardSwitch({ projectId, forward }: { projectId: string; forward: ForwardView }) {
  const { forwards } = useStores();
  return (
    <Switch
      view={{
        look: forward.on ? 'on' : 'off',
        word: forward.on ? 'On' : 'Off',
        checked: forward.on ? 'on' : 'off',
        title: forward.message,
      }}
      label={`Forward of ${forwardTitle(forward)}`}
      onPress={() => forwards.turn(projectId, forward, !forward.on)}
    />
  );
}

/** Address, state and reason, and what can be done about it. */
export function ForwardAddress({
  projectId,
  forward,
  brief = false,
}: {
  projectId: string;
  forward: ForwardView;
  /** The word of the state alone: where it is narrow, the reason stands in a line of its own. */
  brief?: boolean;
}) {
  const { forwards } = useStores();
  const { address, state, message, freePort, web, pod } = forward;
  if (!forward.on) return <span className="t3 mono">{`127.0.0.1:${forward.localPort}`}</span>;
  return (
    <>
      <span className="mono nw" title={pod === null ? undefined : `Served by ${pod}`}>
        {address}
      </span>
      {state === 'active' && web && (
        <IconButton icon="external-link" label={`Open ${address}`} onClick={() => forwards.open(address)} />
      )}
      {state === 'active' && <CopyButton text={() => address} />}
      <span
        role={state === 'taken' || state === 'failed' ? 'alert' : undefined}
        className="cut grow"
        title={message ?? undefined}
      >
        <Status tone={toneOfForward(forward)}>
          {brief || state === 'active' ? forwardWord(forward) : (message ?? forwardWord(forward))}
        </Status>
      </span>
      {freePort !== null && (
        <Button small onClick={() => forwards.move(projectId, forward, freePort)}>
          {`Use ${freePort}`}
        </Button>
      )}
    </>
  );
}

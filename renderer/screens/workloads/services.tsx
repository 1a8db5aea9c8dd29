import { useState } from 'react';
import type { WireError } from '../../../preload/contract/errors.ts';
import type { ServiceView } from '../../../preload/contract/workloads.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Status } from '../../components/status.tsx';
import { toFailure } from '../../stores/failure.ts';
import { refKey } from '../../stores/job-view.ts';
import { useStores } from '../../stores/react.ts';

type Opened =
  | { readonly state: 'opening' }
  | { readonly state: 'open'; readonly url: string }
  | { readonly state: 'failed'; readonly error: WireError };

/** Services of the project. Open serves one port on this machine through the API, and says where. */
export function Services({
  projectId,
  services,
  onInspect,
}: {
  projectId: string;
  services: readonly ServiceView[];
  onInspect: (service: ServiceView) => void;
}) {
  const { client, forwards } = useStores();
  const [opened, setOpened] = useState<Readonly<Record<string, Opened>>>({});
  const open = async (service: ServiceView, port: number) => {
    const key = `${refKey(service.ref)} ${port}`;
    const put = (value: Opened) => setOpened(state => ({ ...state, [key]: value }));
    put({ state: 'opening' });
    try {
      const { url } = await client.request('workloads.openService', {
        projectId,
        namespace: service.ref.namespace ?? 'default',
        name: service.ref.name,
        port,
      });
      put({ state: 'open', url });
      // The address stands in the row: a machine without a browser of its own is no failure.
      await client.request('app.openExternal', { url }).catch(() => undefined);
    } catch (thrown) {
      put({ state: 'failed', error: toFailure(thrown) });
    }
  };
  return (
    <table className="list wl services" aria-label="Services">
      <colgroup>
        <col />
        <col style={{ width: 124 }} />
        <col style={{ width: '56%' }} />
      </colgroup>
      <thead>
        <tr>
          <th>Services</th>
          <th>Port</th>
          <th>On this machine</th>
        </tr>
      </thead>
      <tbody>
        {services.flatMap(service => {
          if (service.ports.length === 0)
            return (
              <tr key={refKey(service.ref)}>
                <NameCell service={service} onInspect={onInspect} />
                <td className="t3">None</td>
                <td />
              </tr>
            );
          return service.ports.map(port => {
            const state = opened[`${refKey(service.ref)} ${port.port}`];
            const isTcp = port.protocol === 'TCP';
            return (
              <tr key={`${refKey(service.ref)} ${port.port} ${port.protocol}`}>
                <NameCell service={service} onInspect={onInspect} />
                <td>
                  <span className="mono">{port.port}</span>{' '}
                  <span className="t3">
                    {[port.name, isTcp ? null : port.protocol].filter(Boolean).join(', ')}
                  </span>
                </td>
                <td>
                  <div className="row">
                    <Button
                      small
                      icon="external-link"
                      aria-label={`Open ${service.ref.name} port ${port.port}`}
                      off={!isTcp && 'Only TCP can be opened'}
                      onClick={() => void open(service, port.port)}
                    >
                      Open
                    </Button>
                    <Button
                      small
                      aria-label={`Forward ${service.ref.name} port ${port.port}`}
                      title="A port of this machine that leads to its pods"
                      off={!isTcp && 'Only TCP can be forwarded'}
                      onClick={() =>
                        forwards.start(
                          projectId,
                          { ...service.ref, namespace: service.ref.namespace ?? 'default' },
                          port.name ?? port.port,
                        )
                      }
                    >
                      Forward
                    </Button>
                    {state?.state === 'opening' && <Status tone="working">Opening</Status>}
                    {state?.state === 'failed' && (
                      <span role="alert" title={state.error.hint ?? undefined}>
                        <Status tone="bad">{state.error.message}</Status>
                      </span>
                    )}
                    {state?.state === 'open' && (
                      <>
                        <a className="mono cut" href={state.url} target="_blank" rel="noreferrer">
                          {state.url}
                        </a>
                        <CopyButton text={() => state.url} />
                      </>
                    )}
                  </div>
                </td>
              </tr>
            );
          });
        })}
      </tbody>
    </table>
  );
}

function NameCell({
  service,
  onInspect,
}: {
  service: ServiceView;
  onInspect: (service: ServiceView) => void;
}) {
  return (
    <td>
      <button type="button" className="name" onClick={() => onInspect(service)}>
        {service.ref.name}
      </button>{' '}
      <span className="t3">{service.type}</span>
    </td>
  );
}

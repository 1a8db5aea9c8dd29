import { useEffect, useState } from 'react';
import type { ForwardOffer, ForwardTarget } from '../../../preload/contract/forwards.ts';
import { Button } from '../../components/button.tsx';
import { toFailure } from '../../stores/failure.ts';
import { forwardOf } from '../../stores/forwards.ts';
import { useStores } from '../../stores/react.ts';
import { useForwards } from '../../stores/use-forwards.ts';
import { ForwardAddress, ForwardSwitch } from './forwards.tsx';

/** Every port that the object declares, with the forward that leads to it. */
export function PortsSection({ projectId, target }: { projectId: string; target: ForwardTarget }) {
  const { client, forwards } = useStores();
  const snapshot = useForwards(projectId);
  const [offers, setOffers] = useState<readonly ForwardOffer[] | string | null>(null);
  const key = JSON.stringify(target);
  useEffect(() => {
    const gone = new AbortController();
    client
      .request(
        'forwards.offers',
        { projectId, target: JSON.parse(key) as ForwardTarget },
        { signal: gone.signal },
      )
      .then(
        answer => setOffers(answer.offers),
        (thrown: unknown) => gone.signal.aborted || setOffers(toFailure(thrown).message),
      );
    return () => gone.abort();
  }, [client, projectId, key]);
  return (
    <section aria-label="Ports">
      <h3>Ports</h3>
      {offers === null && <p className="t3">Asking for the declared ports</p>}
      {typeof offers === 'string' && <p className="t2">{offers}</p>}
      {Array.isArray(offers) && offers.length === 0 && <p className="t2">It declares none.</p>}
      {Array.isArray(offers) &&
        offers.map((offer: ForwardOffer) => {
          const forward = forwardOf(snapshot, offer.target, [offer.port, offer.number, offer.portName]);
          return (
            <div key={`${offer.container} ${offer.port}`} className="port">
              <div className="row">
                <span className="mono">{offer.number}</span>
                <span className="t3 cut">{[offer.portName, offer.container].filter(Boolean).join(', ')}</span>
                <span className="grow" />
                {forward === null ? (
                  <Button
                    small
                    aria-label={`Forward port ${offer.number} of ${offer.target.name}`}
                    onClick={() => forwards.start(projectId, offer.target, offer.port)}
                  >
                    Forward
                  </Button>
                ) : (
                  <ForwardSwitch projectId={projectId} forward={forward} />
                )}
              </div>
              {forward?.on && (
                <div className="row">
                  <ForwardAddress projectId={projectId} forward={forward} brief />
                </div>
              )}
              {forward?.on && forward.state !== 'active' && forward.message !== null && (
                <p className="t2 small-text">{forward.message}</p>
              )}
            </div>
          );
        })}
    </section>
  );
}

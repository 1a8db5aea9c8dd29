import type { ContainerDetail, ObjectDetail } from '../../../../preload/contract/objects.ts';
import { Status } from '../../../components/status.tsx';
import { age } from '../../../text/time.ts';

/** What `kubectl describe` tells, in parts. `container` narrows it to one. */
export function Detail({
  detail,
  container,
  now,
}: {
  detail: ObjectDetail;
  container: string | null;
  now: number;
}) {
  const containers = detail.containers.filter(({ name }) => container === null || name === container);
  return (
    <>
      {container === null && <Facts detail={detail} />}
      {container === null && detail.conditions.length > 0 && (
        <section aria-label="Conditions">
          <h3>Conditions</h3>
          <ul className="events">
            {detail.conditions.map(condition => (
              <li key={condition.type}>
                <div className="row tight">
                  <Status tone={toneOfCondition(condition)}>{condition.type}</Status>
                  <span className="t3">{condition.status}</span>
                  <span className="grow" />
                  {condition.at !== null && (
                    <span className="t3 nw">{`for ${age(now - Date.parse(condition.at))}`}</span>
                  )}
                </div>
                {(condition.reason ?? condition.message) !== null && (
                  <p className="wraps t2">
                    {[condition.reason, condition.message].filter(one => one !== null).join(': ')}
                  </p>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {containers.map(one => (
        <ContainerFacts key={one.name} container={one} />
      ))}
      {container === null && detail.volumes.length > 0 && (
        <Pairs title="Volumes" pairs={detail.volumes.map(({ name, from }) => [name, from] as const)} />
      )}
      {container === null && <Pairs title="Labels" pairs={Object.entries(detail.labels)} />}
      {container === null && <Pairs title="Annotations" pairs={Object.entries(detail.annotations)} />}
    </>
  );
}

const bad = /Failure|Pressure|Unavailable|Failed|Dangling/;

/** Most conditions are good when they hold; some are when they don't. */
function toneOfCondition({ type, status }: ObjectDetail['conditions'][number]): 'ok' | 'warn' | 'wait' {
  if (status === 'Unknown') return 'wait';
  return (status === 'True') !== bad.test(type) ? 'ok' : 'warn';
}

function Facts({ detail }: { detail: ObjectDetail }) {
  const owners = detail.owners.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  return (
    <section aria-label="Facts">
      <h3>Facts</h3>
      <dl className="kv">
        {owners !== '' && (
          <>
            <dt>Owner</dt>
            <dd title={owners}>{owners}</dd>
          </>
        )}
        {detail.facts.map(({ name, value }) => (
          <Pair key={name} name={name} value={value} />
        ))}
        <dt>UID</dt>
        <dd className="mono" title={detail.uid}>
          {detail.uid}
        </dd>
      </dl>
    </section>
  );
}

function ContainerFacts({ container }: { container: ContainerDetail }) {
  const { resources, probes, mounts, environment, ports, command, previous } = container;
  return (
    <section aria-label={`Container ${container.name}, as specified`}>
      <h3>
        {container.name}
        <span className="t3">{container.init ? 'init, as specified' : 'as specified'}</span>
      </h3>
      <dl className="kv">
        <Pair name="Image" value={container.image} mono />
        {previous !== null && <Pair name="Ended before" value={previous} wraps />}
        {command.length > 0 && <Pair name="Command" value={command.join(' ')} mono />}
        {ports.length > 0 && <Pair name="Ports" value={ports.join(', ')} />}
        {resources.map(({ name, request, limit }) => (
          <Pair
            key={name}
            name={name}
            value={`${request === null ? 'asks for nothing' : `asks for ${request}`}, ${limit === null ? 'no limit' : `at most ${limit}`}`}
          />
        ))}
        {resources.length === 0 && <Pair name="Resources" value="No requests, no limits" />}
        {probes.map(({ name, text }) => (
          <Pair key={name} name={name} value={text} wraps />
        ))}
        {mounts.map(({ path, from, readOnly }) => (
          <Pair
            key={path}
            name="Mount"
            value={`${path} from ${from}${readOnly ? ', read only' : ''}`}
            wraps
          />
        ))}
        {environment.length > 0 && <Pair name="Variables" value={environment.join(', ')} wraps />}
      </dl>
    </section>
  );
}

function Pair({
  name,
  value,
  mono = false,
  wraps = false,
}: {
  name: string;
  value: string;
  mono?: boolean;
  wraps?: boolean;
}) {
  return (
    <>
      <dt>{name}</dt>
      <dd className={[mono && 'mono', wraps && 'wraps'].filter(Boolean).join(' ')} title={value}>
        {value}
      </dd>
    </>
  );
}

function Pairs({ title, pairs }: { title: string; pairs: readonly (readonly [string, string])[] }) {
  if (pairs.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <ul className="events mono">
        {pairs.map(([name, value]) => (
          <li key={name} className="wraps">
            <span className="t3">{name}</span> {value}
          </li>
        ))}
      </ul>
    </section>
  );
}

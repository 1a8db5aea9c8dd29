import { useState } from 'react';
import type { Denied } from '../../../preload/contract/workloads.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Status } from '../../components/status.tsx';

/** `Not allowed to list secrets in namespace shop`. */
export const deniedText = ({ verb, resource, namespace }: Denied): string =>
  `Not allowed to ${verb} ${resource} in ${namespace === null ? 'all namespaces' : `namespace ${namespace}`}`;

/** Nothing may be seen: that is neither an empty project nor a failure. */
export function NotAllowed({
  denied,
  onLookInto,
}: {
  denied: readonly Denied[];
  onLookInto: (namespaces: readonly string[]) => void;
}) {
  return (
    <section className="centre" aria-label="Not allowed">
      <Icon name="shield-alert" className="empty-icon" />
      <h2 className="empty-title">Not allowed</h2>
      <p className="t2 empty-line">
        The cluster answers, but the user of the kubeconfig may not see what runs. Ask for a Role with these,
        or name a namespace that is yours.
      </p>
      <DeniedList denied={denied} />
      <NamespaceField onLookInto={onLookInto} />
    </section>
  );
}

export function DeniedList({ denied }: { denied: readonly Denied[] }) {
  return (
    <table className="list boxed denied" aria-label="What is not allowed">
      <thead>
        <tr>
          <th>Verb</th>
          <th>Resource</th>
          <th>Namespace</th>
        </tr>
      </thead>
      <tbody>
        {denied.map(one => (
          <tr key={`${one.verb} ${one.resource} ${one.namespace ?? ''}`} title={one.message}>
            <td className="mono">{one.verb}</td>
            <td className="mono">{one.resource}</td>
            <td className="mono">{one.namespace ?? 'all'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A part may not be seen, or only some namespaces may: said above what is listed. */
export function AccessNotes({
  denied,
  limitedTo,
  chosen,
  onLookInto,
}: {
  denied: readonly Denied[];
  limitedTo: readonly string[];
  chosen: readonly string[] | null;
  onLookInto: (namespaces: readonly string[] | null) => void;
}) {
  const [open, setOpen] = useState(false);
  if (denied.length === 0 && limitedTo.length === 0 && chosen === null) return null;
  const [first] = denied;
  return (
    <div className="strip access" role="status">
      {first === undefined ? (
        <Status tone="wait">{`Only namespace ${(chosen ?? limitedTo).join(', ')} is looked into`}</Status>
      ) : (
        <Status tone="warn">
          {`${deniedText(first)}${denied.length > 1 ? `, and ${denied.length - 1} more` : ''}`}
        </Status>
      )}
      {limitedTo.length > 0 && <span className="t3">Listing all namespaces is not allowed</span>}
      <span className="grow" />
      {denied.length > 0 && (
        <Button small aria-expanded={open} onClick={() => setOpen(!open)}>
          What is not allowed
        </Button>
      )}
      <NamespaceField onLookInto={onLookInto} />
      {chosen !== null && (
        <Button small onClick={() => onLookInto(null)}>
          All namespaces
        </Button>
      )}
      {open && <DeniedList denied={denied} />}
    </div>
  );
}

/** Names of namespaces, typed: whoever may not list them still knows theirs. */
function NamespaceField({ onLookInto }: { onLookInto: (namespaces: readonly string[]) => void }) {
  const [typed, setTyped] = useState('');
  const names = typed.split(/[\s,]+/).filter(name => name !== '');
  return (
    <form
      className="row tight"
      onSubmit={event => {
        event.preventDefault();
        if (names.length > 0) onLookInto(names);
      }}
    >
      <span className="field">
        <input
          type="text"
          aria-label="Namespaces to look into"
          placeholder="Namespace"
          spellCheck={false}
          value={typed}
          onChange={event => setTyped(event.target.value)}
        />
      </span>
      <Button small type="submit" off={names.length === 0 && 'Type a namespace'}>
        Look there
      </Button>
    </form>
  );
}

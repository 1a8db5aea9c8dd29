import type { ReactNode } from 'react';
import { Button, IconButton } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import type { RunPlan } from '../../../preload/contract/image-runs.ts';
import { count } from '../../text/words.ts';
import { nextId, type MountDraft, type PortDraft, type VariableDraft } from './run-draft.ts';

function Field({
  label,
  value,
  width,
  wide = false,
  onChange,
}: {
  label: string;
  value: string;
  width?: number;
  wide?: boolean;
  onChange: (value: string) => void;
}) {
  return (
    <span className={wide ? 'field wide' : 'field'} style={width === undefined ? undefined : { width }}>
      <input
        type="text"
        className="mono"
        aria-label={label}
        placeholder={label}
        spellCheck={false}
        autoComplete="off"
        value={value}
        onChange={event => onChange(event.target.value)}
      />
    </span>
  );
}

/** Rows of one kind, each with a way out, and one to add another. */
function Rows<Row extends { readonly id: number }>({
  title,
  note,
  rows,
  make,
  word,
  children,
  onChange,
}: {
  title: string;
  note: ReactNode;
  rows: readonly Row[];
  make: (id: number) => Row;
  word: string;
  children: (row: Row, change: (part: Partial<Row>) => void) => ReactNode;
  onChange: (rows: readonly Row[]) => void;
}) {
  return (
    <fieldset>
      <legend>{title}</legend>
      {note}
      {rows.map(row => (
        <div key={row.id} className="row run-row">
          {children(row, part => onChange(rows.map(one => (one.id === row.id ? { ...one, ...part } : one))))}
          <IconButton
            icon="x"
            label={`Without this ${word}`}
            onClick={() => onChange(rows.filter(one => one.id !== row.id))}
          />
        </div>
      ))}
      <Button small kind="quiet" icon="plus" onClick={() => onChange([...rows, make(nextId(rows))])}>
        {`Add a ${word}`}
      </Button>
    </fieldset>
  );
}

export function PortFields({
  ports,
  plan,
  onChange,
}: {
  ports: readonly PortDraft[];
  plan: RunPlan;
  onChange: (ports: readonly PortDraft[]) => void;
}) {
  return (
    <Rows
      title="Ports"
      word="port"
      rows={ports}
      make={(id): PortDraft => ({ id, container: '', protocol: 'tcp', host: '', note: null })}
      onChange={onChange}
      note={
        plan.ports.length === 0 &&
        ports.length === 0 && (
          <p className="t3">The image exposes none: nothing of it is reached from here.</p>
        )
      }
    >
      {(port, change) => (
        <>
          <Field
            label="Port of this machine"
            width={92}
            value={port.host}
            onChange={host => change({ host })}
          />
          <Icon name="arrow-right" size={12} />
          <Field
            label="Port of the container"
            width={92}
            value={port.container}
            onChange={container => change({ container })}
          />
          <select
            className="field"
            aria-label="Protocol"
            value={port.protocol}
            onChange={event => change({ protocol: event.target.value === 'udp' ? 'udp' : 'tcp' })}
          >
            <option value="tcp">TCP</option>
            <option value="udp">UDP</option>
          </select>
          <span className="t3 cut grow" title={port.note ?? undefined}>
            {port.note ?? ''}
          </span>
        </>
      )}
    </Rows>
  );
}

export function VariableFields({
  variables,
  plan,
  onChange,
}: {
  variables: readonly VariableDraft[];
  plan: RunPlan;
  onChange: (variables: readonly VariableDraft[]) => void;
}) {
  return (
    <Rows
      title="Environment"
      word="variable"
      rows={variables}
      make={(id): VariableDraft => ({ id, name: '', value: '' })}
      onChange={onChange}
      note={
        plan.environment.length > 0 && (
          <details>
            <summary className="t3">{`${count(plan.environment.length, 'variable')} of the image`}</summary>
            <ul className="run-known">
              {plan.environment.map(({ name, value }) => (
                <li key={name} className="mono">{`${name}=${value}`}</li>
              ))}
            </ul>
          </details>
        )
      }
    >
      {(variable, change) => (
        <>
          <Field label="Name" width={168} value={variable.name} onChange={name => change({ name })} />
          <span className="t3">=</span>
          <Field label="Value" wide value={variable.value} onChange={value => change({ value })} />
        </>
      )}
    </Rows>
  );
}

export function MountFields({
  mounts,
  plan,
  onChange,
}: {
  mounts: readonly MountDraft[];
  plan: RunPlan;
  onChange: (mounts: readonly MountDraft[]) => void;
}) {
  return (
    <Rows
      title="Mounts"
      word="mount"
      rows={mounts}
      make={(id): MountDraft => ({ id, source: '', target: plan.volumes[0] ?? '', readOnly: false })}
      onChange={onChange}
      note={
        plan.volumes.length > 0 && (
          <p className="t3">
            The image declares <span className="mono">{plan.volumes.join(', ')}</span>: without a mount it
            goes with the container.
          </p>
        )
      }
    >
      {(mount, change) => (
        <>
          <Field
            label="Folder of this machine"
            wide
            value={mount.source}
            onChange={source => change({ source })}
          />
          <Icon name="arrow-right" size={12} />
          <Field
            label="Path in the container"
            wide
            value={mount.target}
            onChange={target => change({ target })}
          />
          <label className="row tight nw">
            <input
              type="checkbox"
              checked={mount.readOnly}
              onChange={event => change({ readOnly: event.target.checked })}
            />
            read-only
          </label>
        </>
      )}
    </Rows>
  );
}

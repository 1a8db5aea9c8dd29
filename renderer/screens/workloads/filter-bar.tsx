import { SearchField } from '../../components/search-field.tsx';
import type { ObjectFilter } from './filter.ts';

/** What of the project is listed. */
export function FilterBar({
  filter,
  kinds,
  namespaces,
  note,
  onChange,
}: {
  filter: ObjectFilter;
  kinds: readonly string[];
  namespaces: readonly string[];
  note: string;
  onChange: (filter: ObjectFilter) => void;
}) {
  return (
    <div className="bar" role="search" aria-label="Which objects are listed">
      <SearchField
        label="Name, image or state"
        width={260}
        value={filter.text}
        note={note}
        onChange={text => onChange({ ...filter, text })}
      />
      <Choice
        label="Kind"
        all="All kinds"
        values={kinds}
        value={filter.kind}
        onChange={kind => onChange({ ...filter, kind })}
      />
      <Choice
        label="Namespace"
        all="All namespaces"
        values={namespaces}
        value={filter.namespace}
        onChange={namespace => onChange({ ...filter, namespace })}
      />
    </div>
  );
}

function Choice({
  label,
  all,
  values,
  value,
  onChange,
}: {
  label: string;
  all: string;
  values: readonly string[];
  value: string | null;
  onChange: (value: string | null) => void;
}) {
  // One that went away while it was chosen stays on offer: else nothing would say why the list is empty.
  const shown = value === null || values.includes(value) ? values : [...values, value];
  return (
    <select
      className="field"
      aria-label={label}
      value={value ?? ''}
      onChange={event => onChange(event.target.value === '' ? null : event.target.value)}
    >
      <option value="">{all}</option>
      {shown.map(one => (
        <option key={one}>{one}</option>
      ))}
    </select>
  );
}

import { useId } from 'react';
import { MonoField } from './mono-field.tsx';

/** For what can't be taken back, or happens where others work: the name has to be typed. */
export function TypedName({
  name,
  allows,
  value,
  onChange,
  onSubmit,
}: {
  name: string;
  /** "to delete it", "to allow this deploy". */
  allows: string;
  value: string;
  onChange: (value: string) => void;
  onSubmit: () => void;
}) {
  const id = useId();
  return (
    <div className="typed">
      <label className="t2" htmlFor={id}>
        Type <b className="mono">{name}</b> {allows}
      </label>
      <MonoField id={id} value={value} onChange={onChange} onSubmit={() => value === name && onSubmit()} />
    </div>
  );
}

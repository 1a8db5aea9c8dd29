import { clsx } from 'clsx';

/** One of a few: a radio group that looks like one control. */
export function Segmented<T extends string>({
  label,
  options,
  value,
  onChange,
}: {
  label: string;
  options: readonly { readonly value: T; readonly label: string; readonly off?: string | null }[];
  value: T;
  onChange: (value: T) => void;
}) {
  return (
    <span className="seg" role="radiogroup" aria-label={label}>
      {options.map(option => (
        <label
          key={option.value}
          className={clsx(option.value === value && 'on', option.off && 'off')}
          title={option.off ?? undefined}
        >
          <input
            className="sr"
            type="radio"
            name={label}
            value={option.value}
            checked={option.value === value}
            disabled={Boolean(option.off)}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </span>
  );
}

import { useMemo, useRef, type Ref } from 'react';

/** Plain text with line numbers: small, and quick with a megabyte in it. Tab leaves it; Enter keeps the indentation. */
export function TextEditor({
  label,
  value,
  readOnly = false,
  marked,
  onChange,
  ref,
}: {
  label: string;
  value: string;
  readOnly?: boolean;
  /** Lines with something wrong, from 1. */
  marked: ReadonlySet<number>;
  onChange: (value: string) => void;
  ref?: Ref<HTMLTextAreaElement>;
}) {
  const gutter = useRef<HTMLPreElement>(null);
  const count = useMemo(() => value.split('\n').length, [value]);
  return (
    <div className="editor">
      <pre ref={gutter} className="editor-lines" aria-hidden="true">
        <LineNumbers count={count} marked={marked} />
      </pre>
      <textarea
        ref={ref}
        aria-label={label}
        value={value}
        readOnly={readOnly}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        wrap="off"
        onChange={event => onChange(event.target.value)}
        onScroll={event => {
          if (gutter.current !== null) gutter.current.scrollTop = event.currentTarget.scrollTop;
        }}
        onKeyDown={event => {
          if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || readOnly) return;
          const area = event.currentTarget;
          const start = area.value.lastIndexOf('\n', area.selectionStart - 1) + 1;
          const indent = /^ */.exec(area.value.slice(start, area.selectionStart))?.[0] ?? '';
          if (indent === '') return;
          event.preventDefault();
          area.setRangeText(`\n${indent}`, area.selectionStart, area.selectionEnd, 'end');
          onChange(area.value);
        }}
      />
    </div>
  );
}

/** One run of text between two marked lines, so that 20,000 numbers are a handful of nodes. */
function LineNumbers({ count, marked }: { count: number; marked: ReadonlySet<number> }) {
  const marks = [...marked].filter(line => line <= count).sort((a, b) => a - b);
  const runs = [...marks, count + 1].map((end, index) => {
    const from = (marks[index - 1] ?? 0) + 1;
    const text = Array.from({ length: end - from }, (_, offset) => `${from + offset}\n`).join('');
    return { text, mark: end <= count ? end : null };
  });
  return runs.map(({ text, mark }) => (
    <span key={mark ?? 'rest'}>
      {text}
      {mark !== null && <b className="marked">{`${mark}\n`}</b>}
    </span>
  ));
}

/** Puts the cursor on a line and brings it into sight. */
export function goToLine(area: HTMLTextAreaElement, line: number): void {
  const lines = area.value.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  area.scrollTop = Math.max(0, (line - 6) * (area.scrollHeight / Math.max(1, lines.length)));
}

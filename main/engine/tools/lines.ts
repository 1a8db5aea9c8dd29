import { StringDecoder } from 'node:string_decoder';

/** Output kept per stream; a program that prints more than this keeps its end. */
const keptCharacters = 16 * 1024 * 1024;

interface Sink {
  readonly write: (chunk: Buffer) => void;
  readonly end: () => void;
  readonly text: () => string;
}

/** Gathers stdout and stderr and tells every line as it ends; characters that a chunk cuts in two are kept whole. */
export function collectLines(onLine?: (line: string, stream: 'stdout' | 'stderr') => void) {
  const recent: string[] = [];
  const tell = (line: string, stream: 'stdout' | 'stderr') => {
    recent.push(line);
    if (recent.length > 200) recent.splice(0, 100);
    onLine?.(line, stream);
  };
  return {
    stdout: sink('stdout', tell),
    stderr: sink('stderr', tell),
    last: (count: number): readonly string[] => recent.filter(line => line.trim() !== '').slice(-count),
  };
}

function sink(stream: 'stdout' | 'stderr', tell: (line: string, stream: 'stdout' | 'stderr') => void): Sink {
  const decoder = new StringDecoder('utf8');
  let kept = '';
  let open = '';
  const take = (text: string) => {
    kept += text;
    if (kept.length > 2 * keptCharacters) kept = kept.slice(-keptCharacters);
    const lines = (open + text).split(/\r?\n/);
    open = lines.pop() ?? '';
    for (const line of lines) tell(line, stream);
  };
  return {
    write: chunk => take(decoder.write(chunk)),
    end() {
      take(decoder.end());
      if (open !== '') tell(open, stream);
      open = '';
    },
    text: () => kept,
  };
}

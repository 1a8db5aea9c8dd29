interface Run {
  readonly reference: string;
  readonly ports: readonly { readonly container: number; readonly protocol: string; readonly host: number }[];
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly mounts: readonly {
    readonly source: string;
    readonly target: string;
    readonly readOnly: boolean;
  }[];
  readonly command: readonly string[] | null;
}

/** The command that does the same in a terminal: for reading and copying, never run. */
export function dockerRun({ reference, ports, environment, mounts, command }: Run): string {
  return [
    'docker run --rm',
    ...ports.map(
      ({ container, protocol, host }) =>
        `-p 127.0.0.1:${host}:${container}${protocol === 'tcp' ? '' : `/${protocol}`}`,
    ),
    ...environment.map(({ name, value }) => `-e ${quoted(`${name}=${value}`)}`),
    ...mounts.map(
      ({ source, target, readOnly }) => `-v ${quoted(`${source}:${target}${readOnly ? ':ro' : ''}`)}`,
    ),
    quoted(reference),
    ...(command ?? []).map(quoted),
  ].join(' ');
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** Words as a shell would split them; null where a quote has no end. */
export function splitWords(text: string): readonly string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote !== '') {
      if (character === quote) quote = '';
      else if (character === '\\' && quote === '"' && /["\\$`]/.test(text.charAt(at + 1)))
        word += text.charAt(++at);
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === '\\' && at + 1 < text.length) word = (word ?? '') + text.charAt(++at);
    else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + character;
  }
  if (quote !== '') return null;
  if (word !== null) words.push(word);
  return words;
}

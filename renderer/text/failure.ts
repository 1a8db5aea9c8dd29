export interface Evidence {
  readonly command: string | null;
  readonly exit: string | null;
  readonly output: readonly string[];
  readonly place: string | null;
}
interface Failed {
  readonly message: string;
  readonly hint: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly cause?: readonly string[];
}

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter(item => typeof item === 'string') : [];

/** What was seen when it failed; details cross the border as unknown values and are read with care. */
export function evidenceOf({ details }: Failed): Evidence {
  const command = strings(details['command']);
  const { file, line, column, exitCode, status } = details;
  const place =
    typeof file === 'string'
      ? [file, line, column].filter(part => typeof part === 'string' || typeof part === 'number').join(':')
      : typeof line === 'number'
        ? `line ${line}`
        : null;
  return {
    command: command.length === 0 ? null : command.map(quoted).join(' '),
    exit:
      typeof exitCode === 'number'
        ? `exit status ${exitCode}`
        : typeof status === 'number'
          ? `HTTP status ${status}`
          : null,
    output: strings(details['output']).flatMap(text => text.replace(/\n$/, '').split('\n')),
    place,
  };
}

const quoted = (argument: string) =>
  /^[\w@%+=:,./~-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;

const speaking =
  /\b(error|fatal|failed|cannot|can't|could not|no such|not found|no matching|denied|refused|invalid|exception|undefined|unable)\b/i;
const empty = /^[\s\-=*#]*$/;
const aboutItself =
  /did not complete|exit code: \d+|returned a non-zero code|\[notice\]|^the command .* returned/i;

/** The first line that a person would look for: the last one that names an error, without its prefix. */
export function usefulLine(failed: Failed): string {
  const lines = evidenceOf(failed).output.filter(line => !empty.test(line) && !aboutItself.test(line));
  const line = lines.findLast(one => speaking.test(one)) ?? null;
  if (line === null) return failed.message;
  return line.trim().replace(/^(error|fatal|e)(\[\w+\])?:\s*/i, '');
}

/** The whole of it as text: what Copy all puts on the clipboard. */
export function failureText(failed: Failed): string {
  const { command, exit, output, place } = evidenceOf(failed);
  return [
    failed.message,
    ...(failed.cause ?? []).map(cause => `because: ${cause}`),
    failed.hint,
    place === null ? null : `at ${place}`,
    command === null ? null : `$ ${command}`,
    exit,
    ...output,
  ]
    .filter(part => part !== null && part !== '')
    .join('\n');
}

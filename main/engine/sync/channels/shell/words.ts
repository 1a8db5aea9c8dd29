/** A word for `sh`, on one line whatever it holds: `$nl` is a line break there. */
export function word(text: string): string {
  let quoted = "'";
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (char === "'") quoted += `'\\''`;
    else if (char === '\n') quoted += `'"$nl"'`;
    else if (code < 0x20 || code === 0x7f) quoted += `'"$(printf '${octal(code)}')"'`;
    else quoted += char;
  }
  return `${quoted}'`;
}

/** Bytes as a format of `printf`, quoted and on one line; no tool has to be there that decodes. */
export function format(bytes: Uint8Array): string {
  const parts: string[] = ["'"];
  let run = 0;
  const plain = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < plain.length; at += 1) {
    const code = plain[at] ?? 0;
    // A format that begins with a dash would be an option.
    const escaped =
      code < 0x20 ||
      code > 0x7e ||
      code === 0x27 ||
      code === 0x5c ||
      code === 0x25 ||
      (code === 0x2d && at === 0);
    if (!escaped) continue;
    parts.push(plain.toString('latin1', run, at), code === 0x0a ? '\\n' : code === 0x25 ? '%%' : octal(code));
    run = at + 1;
  }
  parts.push(plain.toString('latin1', run), "'");
  return parts.join('');
}

function octal(code: number): string {
  return `\\${code.toString(8).padStart(3, '0')}`;
}

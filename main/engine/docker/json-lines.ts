/** The engine's progress streams: one JSON object per line. Cut by bytes, so that no character is split at the border of a chunk. */
export async function* readJsonLines(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  let pending: Buffer[] = [];
  for await (const chunk of body) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const message = parseLine(Buffer.concat([...pending, rest.subarray(0, end)]));
      pending = [];
      rest = rest.subarray(end + 1);
      if (message) yield message;
    }
    if (rest.length > 0) pending.push(Buffer.from(rest));
  }
  const last = parseLine(Buffer.concat(pending));
  if (last) yield last;
}

function parseLine(line: Buffer): Readonly<Record<string, unknown>> | null {
  const text = line.toString('utf8').trim();
  if (text === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Half a line before the connection broke; the caller notices that the stream has no result.
  }
  return null;
}

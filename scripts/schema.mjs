// Writes docs/schema: what `ptah plan`, `build`, `deploy -o json` and `--events` print, as JSON Schema, out of the contract.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onNode24 } from './node24.mjs';
import { root } from './places.mjs';

/** The documents by file name. */
export async function schemas() {
  const { z } = await import('zod');
  const contract = await import('../preload/contract/index.ts');
  const outcome = z.object({ plan: contract.plan.nullable(), result: contract.deployResult });
  const documents = {
    'plan.json': ['What `ptah plan -o json` prints', contract.plan],
    'deploy.json': ['What `ptah deploy -o json` and `ptah build -o json` print', outcome],
    'event.json': ['A line of `ptah deploy --events` and `ptah build --events`', contract.deployEvent],
  };
  return Object.fromEntries(
    Object.entries(documents).map(([file, [title, schema]]) => [
      file,
      `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'output', reused: 'ref' }) }, null, 2)}\n`,
    ]),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await onNode24(import.meta.url);
  const folder = join(root, 'docs/schema');
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(await schemas())) writeFileSync(join(folder, file), text);
}

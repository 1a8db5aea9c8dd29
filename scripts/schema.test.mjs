import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { schemas } from './schema.mjs';

it('docs/schema is what the contract says: run `node scripts/schema.mjs`', async () => {
  for (const [file, text] of Object.entries(await schemas()))
    expect(readFileSync(join(import.meta.dirname, '../docs/schema', file), 'utf8')).toBe(text);
});

// `npm run -s ptah -- …`: the terminal program from a checkout. Whatever has to be built first is built in silence;
// standard output belongs to the command.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildIfStale } from './build.mjs';
import { onNode24 } from './node24.mjs';
import { root, searchPath } from './places.mjs';
import { become } from './run.mjs';
import { ensureDependencies } from './setup.mjs';

await onNode24(import.meta.url);
await ensureDependencies();
try {
  await buildIfStale(['main']);
} catch (error) {
  console.error(`ptah could not be built: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
const program = join(root, 'dist/main/ptah.mjs');
if (!existsSync(program)) {
  console.error('dist/main/ptah.mjs is not there: main/hosts/cli/main.ts is missing from this checkout');
  process.exit(1);
}
await become(process.execPath, ['--enable-source-maps', program, ...process.argv.slice(2)], {
  env: { PATH: searchPath },
});

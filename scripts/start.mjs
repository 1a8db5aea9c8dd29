// `npm start`: installs what the project lacks, builds, looks at the machine, and opens the window.
//   --yes        install and start what is missing without asking (also without a terminal)
//   --loopback   leave Electron aside: the same window in a browser
//   --no-window  only serve, and print the address
import { buildIfStale } from './build.mjs';
import { prepareMachine } from './machine.mjs';
import { onNode24 } from './node24.mjs';
import { searchPath } from './places.mjs';
import { ensureDependencies } from './setup.mjs';
import { openWindow } from './window.mjs';

const known = new Set(['--yes', '--loopback', '--no-window']);
const options = new Set(process.argv.slice(2));
const unknown = [...options].find(option => !known.has(option));
if (unknown) {
  console.error(`npm start does not know ${unknown}. It knows ${[...known].join(', ')} (after a --).`);
  process.exit(2);
}

await onNode24(import.meta.url);
await ensureDependencies();
process.env.PATH = searchPath;
console.log('Building');
try {
  await buildIfStale();
} catch (error) {
  console.error(`The build failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
const background = await prepareMachine({ yes: options.has('--yes') });
await openWindow({
  electron: !options.has('--loopback') && !options.has('--no-window'),
  browser: !options.has('--no-window'),
  background,
});

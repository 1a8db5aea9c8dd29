// Docker, kind and a node image, before the window opens. What is wrong is found by the application's own checks
// (`ptah setup`); what a Debian-like machine lacks is installed here when the user agrees, or isn't there to be asked.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { root } from './places.mjs';
import { lastLines, run } from './run.mjs';

const program = join(root, 'dist/main/ptah.mjs');
const clusterScript = join(root, 'e2e/cluster/cluster.sh');
const isDebianLike = existsSync('/etc/debian_version');

/**
 * Looks, and repairs what the user lets it repair. A machine that lacks something is no reason not to open the window:
 * the Setup screen shows the same checks. Returns what still runs in the background, to be ended with the window.
 */
export async function prepareMachine({ yes }) {
  let checks = await look();
  let failed = checks.filter(isFailed);
  if (failed.length === 0) return [];
  for (const { title, summary } of failed) console.log(`  ${title}: ${summary}`);
  const plan = repairs(failed);
  if (plan.length === 0 || !(await agreed(plan, yes))) {
    console.log('  The Setup screen says what to do about it.');
    return [];
  }
  const background = [];
  for (const repair of plan) {
    if (repair.background) {
      background.push(inBackground(repair));
      continue;
    }
    console.log(`  ${repair.title}`);
    const { code, output } = await run(repair.command[0], repair.command.slice(1), { output: 'collect' });
    if (code !== 0) console.log(`  That failed:\n${lastLines(output, 10)}`);
  }
  checks = await look();
  failed = checks.filter(isFailed).filter(({ id }) => !(id === 'node-image' && background.length > 0));
  for (const { title, summary } of failed) console.log(`  ${title}: ${summary}. The Setup screen says more.`);
  return background;
}

async function look() {
  const { code, output } = await run(process.execPath, [program, 'setup', '-o', 'json'], {
    output: 'stdout',
    timeoutMs: 60_000,
  });
  try {
    const parsed = JSON.parse(output);
    return Array.isArray(parsed) ? parsed : (parsed.checks ?? []);
  } catch {
    console.log(`  The machine could not be checked (ptah setup: exit code ${code}).`);
    return [];
  }
}

const needed = new Set(['docker', 'kind', 'node-image']);
const isFailed = ({ id, state }) => state === 'failed' && needed.has(id);

/** In the order in which they depend on each other. */
function repairs(failed) {
  if (!isDebianLike) return [];
  const lacks = new Set(failed.map(({ id }) => id));
  const plan = [];
  if (lacks.has('docker'))
    plan.push({ title: 'Installing and starting Docker', command: ['bash', clusterScript, 'docker'] });
  if (lacks.has('kind')) plan.push({ title: 'Installing kind', command: ['bash', clusterScript, 'kind'] });
  if (lacks.has('docker') || lacks.has('kind') || lacks.has('node-image'))
    plan.push({
      title: 'Getting a node image (pulled, else built from source: about 9 minutes, once)',
      command: ['bash', clusterScript, 'node-image'],
      background: true,
    });
  return plan;
}

async function agreed(plan, yes) {
  console.log('To make this machine ready:');
  for (const { title } of plan) console.log(`  - ${title}`);
  if (yes || !process.stdin.isTTY || !process.stdout.isTTY) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question('Do it now? [Y/n] ');
    return !/^n/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

/** The window need not wait for the node image: until a cluster is made nobody needs it. */
function inBackground({ title, command }) {
  console.log(`  ${title}, while the window opens`);
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
  const show = chunk => process.stdout.write(String(chunk).replace(/^(?=.)/gm, '  node image: '));
  child.stdout.on('data', show);
  child.stderr.on('data', show);
  child.on('close', code =>
    console.log(code === 0 ? '  The node image is there.' : '  There is no node image.'),
  );
  return child;
}

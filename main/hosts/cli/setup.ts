import type { CheckResult, Fix } from '../../engine/diagnostics/index.ts';
import type { Engine } from '../../engine/index.ts';
import type { Command, Terminal } from './command.ts';
import { print } from './output.ts';
import { withEngine } from './with-engine.ts';

/** `ptah setup`: what this machine lacks, and mending it. */
export const setup: Command = {
  name: 'setup',
  summary: 'Check this machine, and mend what is missing',
  synopsis: '[CHECK…]',
  options: { fix: { type: 'boolean' }, yes: { type: 'boolean', short: 'y' } },
  help: ['--fix                Mend what failed', '-y, --yes            Do not ask'],
  takes: [0, 50],
  run: ({ options, arguments: wanted, format }, terminal) =>
    withEngine(terminal, async engine => {
      const checks = (await engine.setup.list()).filter(
        ({ id }) => wanted.length === 0 || wanted.includes(id),
      );
      const results: CheckResult[] = [];
      for (const { id } of checks) {
        let result = await engine.setup.check({ id }, terminal.signal);
        if (
          options.fix &&
          result.state === 'failed' &&
          (await mend(engine, result, options.yes === true, terminal))
        )
          result = await engine.setup.check({ id }, terminal.signal);
        results.push(result);
        if (format === 'text') terminal.out(lineOf(result));
      }
      if (format !== 'text') await print(terminal, results, format, () => '');
      return results.some(({ state }) => state === 'failed') ? 1 : 0;
    }),
};

/** Runs the first fix that can be run; without a terminal to ask on, that is a yes. */
async function mend(engine: Engine, result: CheckResult, yes: boolean, terminal: Terminal): Promise<boolean> {
  const fix = result.fixes.find(({ automatic }) => automatic);
  if (!fix) return false;
  if (!yes && terminal.interactive && !(await terminal.confirm(`${result.summary}. ${question(fix)}`)))
    return false;
  const { jobId } = await engine.setup.fix({ checkId: result.id, fixId: fix.id });
  for await (const { event } of engine.activity.follow({ jobId, after: 0 }, terminal.signal))
    if (event.type === 'log') terminal.err(`  ${event.text}\n`);
  const { error } = await engine.activity.get({ jobId });
  if (error) terminal.err(`error: ${error.message}\n${error.hint ? `  ${error.hint}\n` : ''}`);
  return true;
}

const question = (fix: Fix) => `${fix.title} (${fix.commands.join(' && ')})?`;
const mark = { ok: '✓', warning: '!', failed: '✗', 'not-needed': '·' } as const;

function lineOf({ state, title, summary, hint, fixes }: CheckResult): string {
  const more =
    state === 'ok' || state === 'not-needed' ? [] : [hint, ...fixes.flatMap(({ commands }) => commands)];
  return [`${mark[state]} ${title}: ${summary}`, ...more.filter(Boolean).map(text => `    ${text}`), ''].join(
    '\n',
  );
}

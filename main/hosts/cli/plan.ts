import type { Command } from './command.ts';
import { print, printProblems } from './output.ts';
import { planText } from './plan-text.ts';
import { withEngine } from './with-engine.ts';

/** `ptah plan`: what `ptah deploy` would do. */
export const plan: Command = {
  name: 'plan',
  summary: 'Say what a deploy would do, and why',
  synopsis: '',
  options: {},
  help: [],
  failed: ({ code, message, hint = null, details }) => ({ error: { code, message, hint, details } }),
  run: ({ directory, format }, terminal) =>
    withEngine(terminal, async engine => {
      const { id } = await engine.projects.use({ dir: directory });
      const found = await engine.deploy.plan({ projectId: id }, terminal.signal);
      await print(terminal, found, format, () => planText(found));
      printProblems(terminal, [...found.problems, ...found.warnings]);
      return found.runnable ? 0 : 1;
    }),
};

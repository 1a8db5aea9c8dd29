import { lastingEngine } from './background-engine.ts';
import type { Command } from './command.ts';
import { useProject } from './forward.ts';
import { print } from './output.ts';

/** `ptah dashboard`: the page and a token for it. */
export const dashboard: Command = {
  name: 'dashboard',
  summary: 'Open the Kubernetes dashboard of the project, with a token for its account',
  synopsis: '',
  options: { 'no-browser': { type: 'boolean' } },
  help: ['--no-browser         Only say where it is'],
  async run(input, terminal) {
    const client = await lastingEngine(terminal);
    try {
      const projectId = await useProject(client, input.directory);
      const opened = await client.request(
        'dashboard.open',
        { projectId, lasting: true },
        { signal: terminal.signal },
      );
      await print(terminal, opened, input.format, () =>
        opened.token === null
          ? `${opened.url}\n\nA token to sign in with, until ${opened.expiresAt}, is in the clipboard for 60 s.\n`
          : `${opened.url}\n\nSign in with this token, until ${opened.expiresAt}:\n${opened.token}\n`,
      );
      if (terminal.interactive && input.options['no-browser'] !== true) {
        const { openAddress } = await import('../loopback/open-address.ts');
        await openAddress(opened.url).catch(() => undefined);
      }
      return 0;
    } finally {
      client.close();
    }
  },
};

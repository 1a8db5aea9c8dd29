import { shownPath } from './shown-path.ts';
import type { DiagnosticsDeps } from './deps.ts';
import type { Check } from './types.ts';

const manual = {
  helm: 'https://helm.sh/docs/intro/install/',
  helmfile: 'https://helmfile.readthedocs.io/en/latest/#installation',
} as const;

/** helm or helmfile: needed only by projects that have a Helmfile. */
export function checkHelm(deps: DiagnosticsDeps, name: 'helm' | 'helmfile'): Check {
  const versionArguments = name === 'helm' ? ['version', '--short'] : ['--version'];
  return {
    id: name,
    category: 'tools',
    title: name,
    async run(signal) {
      const [tool, projects] = await Promise.all([deps.tools.find(name), deps.helmfileProjects()]);
      if (tool) {
        const { stdout } = await deps.tools.run(name, versionArguments, {
          signal,
          timeoutMs: 10_000,
          allowFailure: true,
        });
        return {
          state: 'ok',
          summary: `${stdout.trim().split('\n')[0] ?? name} at ${shownPath(tool.path)}`,
          hint: null,
          fixes: [],
          evidence: null,
        };
      }
      const needed = projects.length > 0;
      return {
        state: needed ? 'failed' : 'not-needed',
        summary: needed
          ? `${name} was not found, and ${projects.join(', ')} ${projects.length === 1 ? 'has' : 'have'} a Helmfile`
          : `${name} was not found; only projects with a Helmfile need it`,
        hint: needed ? `Install ${name}: those projects cannot be deployed without it.` : null,
        fixes: [{ id: 'install', title: `Install ${name}`, commands: [manual[name]], automatic: false }],
        evidence: null,
      };
    },
  };
}

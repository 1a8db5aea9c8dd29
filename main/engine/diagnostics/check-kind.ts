import { shownPath } from './shown-path.ts';
import { PtahError } from '../errors/index.ts';
import type { DiagnosticsDeps } from './deps.ts';
import type { Check, Fix } from './types.ts';

const version = 'v0.33.0';

/** kind makes the local cluster; one that is there already works without it. */
export function checkKind(deps: DiagnosticsDeps): Check {
  const { tools, machine } = deps;
  return {
    id: 'kind',
    category: 'cluster',
    title: 'kind',
    async run(signal) {
      const tool = await tools.find('kind');
      if (!tool)
        return {
          state: 'failed',
          summary: 'kind was not found',
          hint: 'kind makes the local cluster.',
          fixes: [await installFix()],
          evidence: { command: ['kind', 'version'], exitCode: null, output: [...(await tools.searchPath())] },
        };
      const { stdout, exitCode, stderr } = await tools.run('kind', ['version'], {
        signal,
        timeoutMs: 10_000,
        allowFailure: true,
      });
      return exitCode === 0
        ? {
            state: 'ok',
            summary: `${stdout.trim()} at ${shownPath(tool.path)}`,
            hint: null,
            fixes: [],
            evidence: null,
          }
        : {
            state: 'failed',
            summary: `kind at ${shownPath(tool.path)} does not run`,
            hint: 'Install it anew.',
            fixes: [await installFix()],
            evidence: { command: [tool.path, 'version'], exitCode, output: stderr.split('\n').slice(-20) },
          };
    },
    async fix(_fixId, log, signal) {
      const go = ['install', `sigs.k8s.io/kind@${version}`];
      log(`$ go ${go.join(' ')}`);
      await tools.run('go', go, { onLine: log, signal });
      const tool = await tools.find('kind');
      if (!tool)
        throw new PtahError('tool-missing', 'kind was installed, but is not where programs are looked for.', {
          hint: 'Add the folder of `go env GOPATH`, with /bin, to PATH.',
        });
      log(`kind is at ${shownPath(tool.path)}`);
    },
  };

  async function installFix(): Promise<Fix> {
    const title = 'Install kind';
    if (await tools.find('go'))
      return { id: 'install', title, commands: [`go install sigs.k8s.io/kind@${version}`], automatic: true };
    const arch = machine.arch === 'arm64' ? 'arm64' : 'amd64';
    const byHand =
      machine.platform === 'darwin'
        ? ['brew install kind']
        : machine.platform === 'win32'
          ? ['winget install Kubernetes.kind']
          : [
              `curl -Lo kind https://kind.sigs.k8s.io/dl/${version}/kind-linux-${arch}`,
              'chmod +x kind',
              'sudo mv kind /usr/local/bin/',
            ];
    return { id: 'install', title, commands: byHand, automatic: false };
  }
}

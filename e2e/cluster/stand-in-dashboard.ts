import { fileURLToPath } from 'node:url';

/** The chart that stands in for the dashboard's public one. It may not lie in a project: its templates look like manifests. */
const chart = fileURLToPath(new URL('./charts/kubernetes-dashboard', import.meta.url));

/**
 * What a test writes over `helmfile.yaml` in its copy of `examples/dashboard`: the same release in the same namespace,
 * out of the chart beside this file. Its page contains `message`.
 */
export function standInHelmfile(message = 'This page stands in for the Kubernetes dashboard.'): string {
  return [
    'releases:',
    '  - name: kubernetes-dashboard',
    '    namespace: kubernetes-dashboard',
    `    chart: ${JSON.stringify(chart)}`,
    '    wait: true',
    '    values:',
    `      - message: ${JSON.stringify(message)}`,
    '',
  ].join('\n');
}

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * The project of `examples/dashboard` for a cluster that has no dashboard yet: the public chart by Helmfile, and the account that
 * the asking project names. The same text as in `examples/`, which a packed application does not carry.
 */
export function exampleDashboard({
  clusterName,
  ui,
}: {
  readonly clusterName: string;
  readonly ui: { readonly service: string; readonly user: string };
}): Readonly<Record<string, string>> {
  return {
    'ptah.yml': `name: dashboard
kind:
  name: ${quoted(clusterName)}

# \`ptah dashboard\` and the window's Dashboard button look for this service and this account.
ui:
  service: ${quoted(ui.service)}
  user: ${quoted(ui.user)}
`,
    'helmfile.yaml': `repositories:
  - name: kubernetes-dashboard
    url: https://kubernetes.github.io/dashboard/

releases:
  - name: kubernetes-dashboard
    namespace: kubernetes-dashboard
    chart: kubernetes-dashboard/kubernetes-dashboard
    version: 6.0.8
    wait: true
    values:
      - fullnameOverride: ${quoted(ui.service)}
`,
    'k8s/admin.yaml': `# The account to sign in to the dashboard with. It may do everything in the cluster: for a cluster on your own machine only.
apiVersion: v1
kind: ServiceAccount
metadata:
  name: ${quoted(ui.user)}
  namespace: kube-system
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: ${quoted(ui.user)}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: cluster-admin
subjects:
  - kind: ServiceAccount
    name: ${quoted(ui.user)}
    namespace: kube-system
`,
  };
}

/** Writes the files into a folder of our own, anew. Nothing is applied: whoever asked deploys it as any project. */
export async function writeExampleDashboard(
  root: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await rm(root, { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

/** A plain word needs no quotes; anything else is a JSON string, which YAML reads. */
const quoted = (text: string): string =>
  /^(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z][a-z0-9-]*$/.test(text) ? text : JSON.stringify(text);

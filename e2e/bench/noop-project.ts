import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const IMAGES = 20;
export const OBJECTS = 200;
const FILES_PER_IMAGE = 50;

export interface GeneratedProject {
  readonly root: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly imagePrefix: string;
}

/** 20 images of 50 small files on nothing, and 200 objects: 20 each of Deployments, Services, accounts and roles, and plain configuration. */
export function generate(project: GeneratedProject): void {
  const { root, cluster, namespace, imagePrefix } = project;
  const write = (path: string, text: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write('ptah.yml', `kind:\n  name: ${cluster}\nname: ${namespace}\nnamespace: ${namespace}\n`);
  for (let index = 0; index < IMAGES; index++) {
    const name = `${imagePrefix}${index}`;
    write(`${name}/Dockerfile`, 'FROM scratch\nCOPY app /app\nENTRYPOINT ["/app/main"]\n');
    for (let file = 0; file < FILES_PER_IMAGE; file++)
      write(`${name}/app/file-${file}.txt`, `${name} ${file}`.padEnd(1024, 'x'));
    write(
      `manifests/${name}.yaml`,
      [deployment(name), service(name), account(name), role(name)].join('---\n'),
    );
  }
  const plain = OBJECTS - IMAGES * 4;
  for (let index = 0; index < plain; index++)
    write(
      `manifests/configuration/${index % 2 === 0 ? 'settings' : 'secret'}-${index}.yaml`,
      index % 2 === 0
        ? `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings-${index}\ndata:\n  level: info\n  index: "${index}"\n`
        : `apiVersion: v1\nkind: Secret\nmetadata:\n  name: secret-${index}\nstringData:\n  password: word-${index}\n`,
    );
}

// No replicas: twenty idle pods would only make everything else on the machine slower, on all sides.
const deployment = (name: string): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: { app: ${name} }
spec:
  replicas: 0
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      serviceAccountName: ${name}
      containers:
        - name: main
          image: ptah://${name}
          ports: [{ containerPort: 8080 }]
          env: [{ name: LEVEL, value: info }]
          resources:
            requests: { cpu: 10m, memory: 16Mi }
            limits: { memory: 64Mi }
`;

const service = (name: string): string => `apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector: { app: ${name} }
  ports: [{ port: 80, targetPort: 8080 }]
`;

const account = (name: string): string => `apiVersion: v1
kind: ServiceAccount
metadata:
  name: ${name}
`;

const role = (name: string): string => `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: ${name}
rules:
  - apiGroups: [""]
    resources: [configmaps]
    verbs: [get, list]
`;

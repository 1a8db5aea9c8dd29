/** A failure of `kind create cluster` that is known: what it means and what helps. */
export interface KnownFailure {
  readonly code: string;
  readonly cause: string;
  readonly hint: string;
}

// The first that matches the output decides: the specific ones stand before those that kind prints after any of them.
const KNOWN: readonly (KnownFailure & { readonly pattern: RegExp })[] = [
  {
    code: 'cluster-exists',
    pattern: /node\(s\) already exist for a cluster with the name/i,
    cause: 'A Kind cluster with this name is already there.',
    hint: 'Deploy again: it will be used. Or remove it with: kind delete cluster --name NAME',
  },
  {
    code: 'docker-unreachable',
    pattern:
      /cannot connect to the docker daemon|permission denied while trying to connect to the docker|error during connect/i,
    cause: 'kind cannot reach Docker.',
    hint: 'Start Docker, and make sure that you may use it: docker info',
  },
  {
    code: 'disk-full',
    pattern: /no space left on device|disk quota exceeded/i,
    cause: 'The disk that Docker writes to is full.',
    hint: 'Make room, e.g. with: docker system prune',
  },
  {
    code: 'port-in-use',
    pattern:
      /port is already allocated|address already in use|ports are not available|bind for [^ ]+ failed/i,
    cause: 'A port that the Kind configuration maps to this machine is in use.',
    hint: 'Stop the program or container that holds it (docker ps shows ports), or choose another hostPort in the Kind configuration.',
  },
  {
    code: 'inotify-limit',
    pattern: /too many open files|inotify.*(limit|instances|no space)|failed to create fsnotify watcher/i,
    cause: "The machine's limit of inotify instances or watches is reached.",
    hint: 'Raise it: sudo sysctl fs.inotify.max_user_instances=512 fs.inotify.max_user_watches=524288',
  },
  {
    code: 'image-pull',
    pattern:
      /failed to pull image|pull access denied|manifest (for .* )?(unknown|not found)|no such image|unable to find image|error response from daemon: get "?https?:/i,
    cause: 'The node image is not on this machine and cannot be pulled.',
    hint: 'Check the connection to the registry, or choose a node image that is there (setting “node image”, PTAH_KIND_NODE_IMAGE); docker images kindest/node lists them.',
  },
  {
    code: 'mount-missing',
    pattern:
      /bind source path does not exist|mounts denied|invalid mount config|error while creating mount source path/i,
    cause:
      'A folder that the Kind configuration mounts into the node is not there or not shared with Docker.',
    hint: 'Check extraMounts.hostPath in the Kind configuration: relative paths mean the folder of the project.',
  },
  {
    code: 'kind-config-invalid',
    pattern:
      /unknown apiVersion|unable to decode config|error unmarshaling|invalid configuration|yaml: |unknown field|field \S+ not found in type|duplicate extraport|not a valid (node role|cluster name)/i,
    cause: 'kind does not accept the Kind configuration.',
    hint: 'Mend the line that kind names.',
  },
  {
    code: 'cgroup',
    pattern:
      /cgroups? v1.*(no longer|not|unsupported|deprecated)|not run on a host using cgroup v1|cgroup.*(not (mounted|found)|cannot|denied|controllers?)|running in rootless mode/i,
    cause: 'The machine’s control groups do not suit the node image.',
    hint: 'Use a kernel and Docker with cgroup v2, or an older node image; see https://kind.sigs.k8s.io/docs/user/known-issues/',
  },
  {
    code: 'node-boot',
    pattern: /could not find a log line that matches|container .* is not running|exited too early/i,
    cause: 'The node container did not boot.',
    hint: 'Often the limit of inotify instances (sysctl fs.inotify.max_user_instances), memory, or cgroups. docker logs NODE tells more when the cluster is made with: kind create cluster --retain',
  },
  {
    code: 'control-plane',
    pattern:
      /failed to init node with kubeadm|kubelet-check|kubeadm (init|join)|timed out waiting for the condition/i,
    cause: 'The control plane did not come up.',
    hint: 'Mostly too little memory or a slow disk. Give Docker at least 4 GB, or try again.',
  },
];

/** What kind's output means, where it is a known failure. */
export function explainKindFailure(output: string): KnownFailure | null {
  const found = KNOWN.find(({ pattern }) => pattern.test(output));
  return found === undefined ? null : { code: found.code, cause: found.cause, hint: found.hint };
}

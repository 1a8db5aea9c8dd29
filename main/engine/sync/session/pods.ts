import type { KubernetesObject } from '../../manifests/index.ts';
import type { SwitchSubject } from '../core/switches.ts';
import type { ContainerAddress } from '../types.ts';

/** A container of one of the project's images, running or about to. */
export interface FoundContainer extends SwitchSubject {
  /** `namespace/pod/container`. */
  readonly key: string;
  readonly podUid: string;
  /** As the pod names it. */
  readonly reference: string;
  /** Null for as long as it does not run. */
  readonly containerId: string | null;
  readonly node: string | null;
  /** Of the pod; ISO 8601, empty where it is not told. */
  readonly createdAt: string;
}

interface PodShape {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly {
      readonly kind: string;
      readonly name: string;
      readonly controller?: boolean;
    }[];
  };
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly { readonly name: string; readonly image?: string }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly containerID?: string;
      readonly state?: { readonly running?: object };
    }[];
  };
}

/** The containers of a pod whose image is one of `images`. A pod that ends has none any more: nothing is sent to it. */
export function containersOf(object: KubernetesObject, images: ReadonlySet<string>): FoundContainer[] {
  const pod = object as unknown as PodShape;
  const { name, namespace = 'default', uid = '', creationTimestamp = '', deletionTimestamp } = pod.metadata;
  const phase = pod.status?.phase;
  if (deletionTimestamp !== undefined || phase === 'Succeeded' || phase === 'Failed') return [];
  return (pod.spec?.containers ?? []).flatMap(spec => {
    const image = imageName(spec.image ?? '', images);
    if (image === null) return [];
    const status = pod.status?.containerStatuses?.find(each => each.name === spec.name);
    const runs = phase === 'Running' && status?.state?.running !== undefined;
    return [
      {
        key: `${namespace}/${name}/${spec.name}`,
        namespace,
        workload: workloadOf(pod),
        pod: name,
        podUid: uid,
        container: spec.name,
        image,
        reference: spec.image ?? '',
        containerId: runs ? status.containerID || null : null,
        node: pod.spec?.nodeName ?? null,
        createdAt: creationTimestamp,
      },
    ];
  });
}

export function addressOf(found: FoundContainer): ContainerAddress | null {
  if (found.containerId === null || found.node === null) return null;
  const { namespace, pod, podUid, container, containerId, node } = found;
  return { namespace, pod, podUid, container, containerId, node };
}

function imageName(reference: string, images: ReadonlySet<string>): string | null {
  const plain = reference
    .replace(/^docker\.io\//, '')
    .replace(/^library\//, '')
    .replace(/^localhost\//, '')
    .replace(/@.*$/, '')
    .replace(/:[^:/]+$/, '');
  return images.has(plain) ? plain : null;
}

/** Who made the pod, as the Workloads screen names it: not the ReplicaSet, but its Deployment. */
function workloadOf({ metadata }: PodShape): { readonly kind: string; readonly name: string } {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller !== false);
  if (!owner) return { kind: 'Pod', name: metadata.name };
  const hash = metadata.labels?.['pod-template-hash'];
  if (owner.kind === 'ReplicaSet' && hash && owner.name.endsWith(`-${hash}`))
    return { kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) };
  // a CronJob names its Jobs by the minute they were due
  const due = /^(.+)-\d{8,}$/.exec(owner.name)?.[1];
  if (owner.kind === 'Job' && due !== undefined) return { kind: 'CronJob', name: due };
  return { kind: owner.kind, name: owner.name };
}

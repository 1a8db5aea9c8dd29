/** A tag of the project that Docker holds, and what still needs it. */
export interface HeldTag {
  /** `name:tag`; the ID of an image that lost its name. */
  readonly reference: string;
  readonly id: string;
  /** Of the project's images, by its label. */
  readonly image: string;
  /** Strict digest of what it was built from; null where the image does not say. */
  readonly digest: string | null;
  /** Bytes of the whole image; layers that others have, too, stay when it goes. */
  readonly size: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** What the folder would run now. */
  readonly current: boolean;
  /** Containers of Docker that are made from it. */
  readonly containers: readonly string[];
  /** Pods of the cluster that run it. */
  readonly pods: readonly string[];
  /** Nodes that hold a copy: removing it here takes nothing from them. */
  readonly nodes: readonly string[];
}

export interface RemovedTags {
  readonly removed: readonly string[];
  readonly kept: readonly { readonly reference: string; readonly reason: string }[];
}

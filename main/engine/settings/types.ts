/** The user's own settings, kept below `Home.config`. */
export interface Settings {
  readonly theme: 'system' | 'light' | 'dark' | 'contrast';
  /** Node image for new Kind clusters, null for kind's default (`PTAH_KIND_NODE_IMAGE` overrides). */
  readonly kindNodeImage: string | null;
  /** Docker endpoint, null for `DOCKER_HOST`, the current context, then known sockets. */
  readonly dockerHost: string | null;
  /** Seconds until a rollout that does not settle is given up. */
  readonly rolloutTimeoutSeconds: number;
}

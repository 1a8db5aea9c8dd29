/** Where the dashboard of a project is, and who may sign in: as far as both are in the cluster. */
export interface DashboardPlace {
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number } | null;
  readonly user: { readonly namespace: string; readonly name: string } | null;
  /** What is missing, in a sentence; null where nothing is. */
  readonly missing: string | null;
}

export interface DashboardToken {
  readonly token: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

export function ClusterScreen({ projectId }: { projectId: string | null }) {
  return <main className="main">{projectId}</main>;
}

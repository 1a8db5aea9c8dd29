export function ChangesScreen({ projectId }: { projectId: string }) {
  return <main className="main">{projectId}</main>;
}

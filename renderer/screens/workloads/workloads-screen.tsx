export function WorkloadsScreen({ projectId }: { projectId: string }) {
  return <main className="main">{projectId}</main>;
}

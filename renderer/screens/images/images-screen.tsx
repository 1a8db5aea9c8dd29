export function ImagesScreen({ projectId }: { projectId: string }) {
  return <main className="main">{projectId}</main>;
}

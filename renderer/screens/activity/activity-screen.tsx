export function ActivityScreen() {
  return <main className="main" />;
}

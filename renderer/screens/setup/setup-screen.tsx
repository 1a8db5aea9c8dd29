export function SetupScreen() {
  return <main className="main" />;
}

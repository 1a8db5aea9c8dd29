export function SettingsScreen() {
  return <main className="main" />;
}

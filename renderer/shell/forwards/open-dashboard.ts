import { toFailure } from '../../stores/failure.ts';
import type { Stores } from '../../stores/stores.ts';

const lentMs = 60_000;

/** Opens the page and copies the token: by the main process, or by the window where that has no clipboard. */
export async function openDashboard(
  stores: Pick<Stores, 'client' | 'toasts' | 'opening'>,
  projectId: string,
): Promise<void> {
  const { client, toasts } = stores;
  const key = 'dashboard';
  try {
    const { url, token } = await client.request('dashboard.open', { projectId, lasting: false });
    const there = token === null || (await lend(token));
    toasts.show({
      key,
      tone: there ? 'done' : 'warn',
      title: there ? 'A token to sign in with is in the clipboard' : 'The token could not be copied',
      line: there ? 'It is taken out again after 60 s.' : 'ptah dashboard prints one.',
      action: null,
    });
    await client.request('app.openExternal', { url });
  } catch (thrown) {
    const { code, message, hint } = toFailure(thrown);
    const action =
      code === 'no-dashboard'
        ? { label: 'Open the example’s', run: () => void openExample(stores, projectId) }
        : null;
    toasts.show({ key, tone: 'bad', title: message, line: hint ?? '', action });
  }
}

/** The example's dashboard as a project of its own: its plan is read, then it is deployed as any other. */
async function openExample(
  { client, toasts, opening }: Pick<Stores, 'client' | 'toasts' | 'opening'>,
  projectId: string,
): Promise<void> {
  try {
    const { root } = await client.request('dashboard.example', { projectId });
    toasts.dismiss('dashboard');
    await opening.open(root, true);
  } catch (thrown) {
    const { message, hint } = toFailure(thrown);
    toasts.show({ key: 'dashboard', tone: 'bad', title: message, line: hint ?? '', action: null });
  }
}

async function lend(secret: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(secret);
  } catch {
    return false;
  }
  setTimeout(() => {
    // a browser that does not let it be read may hold something else by now: then it stays
    void navigator.clipboard.readText().then(
      held => (held === secret ? navigator.clipboard.writeText('') : undefined),
      () => undefined,
    );
  }, lentMs);
  return true;
}

import { toFailure } from '../../stores/failure.ts';
import type { Stores } from '../../stores/stores.ts';

const lentMs = 60_000;

/** Opens the page and copies the token: by the main process, or by the window where that has no clipboard. */
export async function openDashboard(
  { client, toasts }: Pick<Stores, 'client' | 'toasts'>,
  projectId: string,
): Promise<void> {
  const key = 'dashboard';
  try {
    const { url, token } = await client.request('dashboard.open', { projectId, lasting: false });
    const { copied } = await client.request('app.copySecret', { text: token });
    const there = copied || (await lend(token));
    toasts.show({
      key,
      tone: there ? 'done' : 'warn',
      title: there ? 'A token to sign in with is in the clipboard' : 'The token could not be copied',
      line: there ? 'It is taken out again after 60 s.' : 'ptah dashboard prints one.',
      action: null,
    });
    await client.request('app.openExternal', { url });
  } catch (thrown) {
    const { message, hint } = toFailure(thrown);
    toasts.show({ key, tone: 'bad', title: message, line: hint ?? '', action: null });
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

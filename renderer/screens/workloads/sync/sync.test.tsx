import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { SyncSnapshot } from '../../../../preload/contract/sync.ts';
import { never, openFeed } from '../../../testing/fake-client.ts';
import { createPushed } from '../../../testing/pushed.ts';
import { renderApp } from '../../../testing/render-app.tsx';
import { syncSnapshots } from '../../../testing/sync-worlds.ts';

const row = async (name: RegExp) => {
  const tree = await screen.findByRole('treegrid', { name: 'Workloads' });
  const found = within(tree).getAllByRole('row', { name }).at(0);
  if (found === undefined) throw new Error(`No row ${String(name)}`);
  return found;
};
const containerRow = async () => {
  await screen.findByRole('treegrid', { name: 'Workloads' });
  const found = document.querySelector<HTMLElement>('[data-row="pod/shop/api-7c9f6d5b8-2xk4q/api"]');
  if (found === null) throw new Error('No row of the container');
  return found;
};

describe('switches in Workloads', () => {
  it('stand on workloads, pods and containers of ours, mixed where they are', async () => {
    renderApp('sync-mixed', '#/p/p-1/workloads');
    const api = await row(/^apiDeployment/);
    expect(await within(api).findByRole('switch')).toHaveAttribute('aria-checked', 'mixed');
    expect(within(api).getByRole('switch')).toHaveTextContent('3 of 4');
    expect(within(await containerRow()).getByRole('switch')).toHaveTextContent('On, equal');
    const database = await row(/^mariadb/);
    expect(within(database).queryByRole('switch')).toBeNull();
    expect(database).toHaveTextContent('Not built here');
    expect(screen.getByRole('switch', { name: /^Sync of the project/ })).toHaveTextContent('Sync, 3 of 7');
  });

  it('are pressed with S on the row at hand, and show it until it is so', async () => {
    const pushed = createPushed<SyncSnapshot>();
    pushed.push(syncSnapshots.off);
    const { client, user } = renderApp(
      'sync-off',
      '#/p/p-1/workloads',
      {},
      { 'sync.watch': (_, signal) => pushed.open(signal) },
    );
    const one = await containerRow();
    await within(one).findByRole('switch');
    one.focus();
    await user.keyboard('s');
    expect(client.asked.filter(({ method }) => method === 'sync.switch')).toEqual([
      {
        method: 'sync.switch',
        input: {
          projectId: 'p-1',
          scope: { level: 'container', namespace: 'shop', pod: 'api-7c9f6d5b8-2xk4q', container: 'api' },
          on: true,
        },
      },
    ]);
    const pressed = within(one).getByRole('switch');
    expect(pressed).toHaveTextContent('Turning on');
    expect(pressed).toHaveAttribute('aria-checked', 'false');
    expect(pressed).toHaveAttribute('aria-busy', 'true');
    pushed.push(syncSnapshots.mixed);
    await waitFor(() => expect(pressed).toHaveAttribute('aria-checked', 'true'));
    expect(pressed).toHaveTextContent('On, equal');
  });

  it('do not open the row that they stand on', async () => {
    const { user } = renderApp('sync-off', '#/p/p-1/workloads');
    const one = await containerRow();
    await user.click(await within(one).findByRole('switch'));
    expect(screen.queryByRole('complementary', { name: 'Inspector' })).toBeNull();
  });
});

const inspect = async (
  world: string,
  answers: Parameters<typeof renderApp>[2] = {},
  feeds: Parameters<typeof renderApp>[3] = {},
) => {
  const app = renderApp(world, '#/p/p-1/workloads', answers, feeds);
  await app.user.click(await containerRow());
  const inspector = await screen.findByRole('complementary', { name: 'Inspector' });
  return { ...app, inspector: within(inspector) };
};

describe('the inspector', () => {
  it('shows rules, channel, numbers and the last files', async () => {
    const { inspector, user } = await inspect('sync-equal');
    expect(await inspector.findByText('Equal to the folder, verified', { exact: false })).toBeInTheDocument();
    expect(await inspector.findByText('api/app/')).toBeInTheDocument();
    expect(inspector.getByText('line 10')).toBeInTheDocument();
    expect(inspector.getByText('p50 7 ms, p95 11 ms')).toBeInTheDocument();
    await user.click(inspector.getByRole('button', { name: 'why' }));
    expect(inspector.getByText(/leads out of the synced folders/)).toBeInTheDocument();
    await user.click(inspector.getByRole('button', { name: 'All 5' }));
    const feed = await screen.findByRole('log', { name: 'What was synced' });
    expect(screen.getByRole('combobox', { name: 'Container' })).toHaveDisplayValue('api 2xk4q');
    expect(await within(feed).findByText('app/old_cart.py')).toBeInTheDocument();
    expect(within(feed).queryByText('project')).toBeNull();
  });

  it('says unasked what of the folder can’t be kept equal, with its path', async () => {
    const unreadable = {
      code: 'unreadable',
      severity: 'error',
      message: 'The file can’t be read: permission denied.',
      file: 'app/secret.key',
    } as const;
    const { equal } = syncSnapshots;
    const images = equal.images.map(image => ({ ...image, problems: [...image.problems, unreadable] }));
    const { inspector } = await inspect(
      'sync-equal',
      {},
      { 'sync.watch': (_, signal) => openFeed([{ ...equal, images }], signal) },
    );
    expect(await inspector.findByText('The file can’t be read: permission denied.')).toBeInTheDocument();
    expect(inspector.getByText('app/secret.key')).toBeInTheDocument();
    expect(inspector.queryByText(/leads out of the synced folders/)).toBeNull();
  });

  it('says equal with numbers, or names the differences', async () => {
    const { inspector, user, client } = await inspect('sync-equal');
    await user.click(await inspector.findByRole('button', { name: 'Verify' }));
    expect(await inspector.findByText('Equal, byte for byte')).toBeInTheDocument();
    expect(inspector.getByText(/176 files, 402 kB read in 41 ms/)).toBeInTheDocument();
    client.answer({
      'sync.verify': () => ({
        equal: false,
        files: 176,
        bytes: 402_113,
        durationMs: 41,
        differences: [{ path: '/srv/app/main.py', problem: 'content' }],
      }),
    });
    await user.click(inspector.getByRole('button', { name: 'Verify' }));
    expect(await inspector.findByText('1 difference')).toBeInTheDocument();
    expect(inspector.getByText('/srv/app/main.py')).toBeInTheDocument();
    expect(inspector.getByText('other content')).toBeInTheDocument();
  });

  it('says that it reads while it reads', async () => {
    const { inspector, user } = await inspect('sync-equal', { 'sync.verify': never });
    await user.click(await inspector.findByRole('button', { name: 'Verify' }));
    expect(inspector.getByText('Reading every file in the container')).toBeInTheDocument();
    expect(inspector.getByRole('button', { name: 'Send all' })).toHaveAttribute('aria-disabled', 'true');
  });

  it('asks before a change inside is lost, with Cancel at hand', async () => {
    const { inspector, user, client } = await inspect('sync-drift');
    await user.click(await inspector.findByRole('button', { name: 'Send mine: /srv/app/cart.py' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Send api/app/cart.py to api?' }));
    expect(
      dialog.getByText('Overwrites /srv/app/cart.py in the container with api/app/cart.py'),
    ).toBeInTheDocument();
    expect(dialog.getByRole('button', { name: 'Cancel' })).toHaveFocus();
    await user.keyboard('{Enter}');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(client.asked.some(({ method }) => method === 'sync.resolve')).toBe(false);

    await user.click(inspector.getByRole('button', { name: 'Fetch theirs: /srv/app/cart.py' }));
    expect(
      await screen.findByText(
        'Overwrites api/app/cart.py in the folder with /srv/app/cart.py of the container',
      ),
    ).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Fetch theirs' }));
    expect(client.asked).toContainEqual({
      method: 'sync.resolve',
      input: {
        projectId: 'p-1',
        container: 'shop/api-7c9f6d5b8-2xk4q/api',
        paths: ['/srv/app/cart.py'],
        choice: 'fetch',
      },
    });
  });

  it('does not ask where nothing is lost, and does all at once where asked', async () => {
    const { inspector, user, client } = await inspect('sync-drift');
    await user.click(await inspector.findByRole('button', { name: 'Send mine: /srv/app/settings/local.py' }));
    expect(screen.queryByRole('dialog')).toBeNull();
    await waitFor(() =>
      expect(client.asked.map(({ input }) => input)).toContainEqual(
        expect.objectContaining({ choice: 'send' }),
      ),
    );
    await user.click(inspector.getByRole('button', { name: 'Ignore all' }));
    await waitFor(() =>
      expect(client.asked.map(({ input }) => input)).toContainEqual(
        expect.objectContaining({ paths: [], choice: 'ignore' }),
      ),
    );
  });

  it('offers the build that changed files outside the rules need', async () => {
    const { inspector, user, client } = await inspect('sync-build');
    expect(await inspector.findByText('Needs a build')).toBeInTheDocument();
    expect(inspector.getByText('requirements.txt')).toBeInTheDocument();
    await user.click(inspector.getByRole('button', { name: 'Build api' }));
    expect(client.asked).toContainEqual({
      method: 'images.build',
      input: { projectId: 'p-1', names: ['api'], force: false },
    });
  });

  it('gives the reason and the hint of what can’t be', async () => {
    const { inspector } = await inspect('sync-degraded');
    expect(await inspector.findByText(/no space left on the device/)).toBeInTheDocument();
    expect(inspector.getByText(/Make room in the container/)).toBeInTheDocument();
  });
});

describe('elsewhere', () => {
  it('the overview turns the project, keeps it up to date and holds it', async () => {
    const { user, client } = renderApp('sync-polling', '#/p/p-1/overview');
    const panel = within(await screen.findByRole('region', { name: 'Live sync' }));
    expect(await panel.findByText('sudo sysctl fs.inotify.max_user_watches=524288')).toBeInTheDocument();
    await user.click(panel.getByRole('switch', { name: /^Automatic/ }));
    await user.click(panel.getByRole('button', { name: 'Pause' }));
    await user.click(panel.getByRole('switch', { name: /^Sync of the project/ }));
    expect(client.asked.filter(({ method }) => method.startsWith('sync.')).map(({ input }) => input)).toEqual(
      [
        { projectId: 'p-1', on: true },
        { projectId: 'p-1', paused: true },
        { projectId: 'p-1', scope: { level: 'project' }, on: false },
      ],
    );
  });

  it('says who holds the project', async () => {
    renderApp('sync-blocked', '#/p/p-1/overview');
    expect(await screen.findByText(/Nothing is synced: ada@workstation/)).toBeInTheDocument();
  });

  it('an image has its switch, S presses it', async () => {
    const { user, client } = renderApp('sync-mixed', '#/p/p-1/images');
    const image = await screen.findByRole('row', { name: 'worker' });
    expect(await within(image).findByRole('switch')).toHaveAttribute('aria-checked', 'false');
    image.focus();
    await user.keyboard('s');
    expect(client.asked).toContainEqual({
      method: 'sync.switch',
      input: { projectId: 'p-1', scope: { level: 'image', image: 'worker' }, on: true },
    });
  });

  it('the status bar counts, and leads to the feed', async () => {
    const { user } = renderApp('sync-degraded', '#/p/p-1/overview');
    const bar = within(await screen.findByRole('contentinfo', { name: 'Status bar' }));
    await user.click(await bar.findByRole('button', { name: /Sync 1 refused/ }));
    const feed = within(await screen.findByRole('log', { name: 'What was synced' }));
    expect(await feed.findByText('Failed')).toBeInTheDocument();
    expect(feed.getByText(/ENOSPC/)).toBeInTheDocument();
  });

  it('the palette turns, verifies and holds', async () => {
    const { user, client, inspector } = await inspect('sync-mixed');
    await inspector.findByText(/Equal to the folder/);
    await user.keyboard('{Control>}k{/Control}');
    await user.type(await screen.findByPlaceholderText('Search or run a command'), 'Verify');
    await screen.findByRole('option', { name: /Verify/, selected: true });
    await user.keyboard('{Enter}');
    await waitFor(() =>
      expect(client.asked).toContainEqual({
        method: 'sync.verify',
        input: { projectId: 'p-1', container: 'shop/api-7c9f6d5b8-2xk4q/api' },
      }),
    );
  });
});

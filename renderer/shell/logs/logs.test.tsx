import { configure, getConfig, screen, waitFor, within } from '@testing-library/react';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { FakeFailure, openFeed, type Answers } from '../../testing/fake-client.ts';
import { fakeLog } from '../../testing/logs.ts';
import { renderApp } from '../../testing/render-app.tsx';

const open = (lines = 500, answers: Answers = {}) => {
  const log = fakeLog(lines);
  const app = renderApp('idle', '#/p/p-1/workloads', { ...log.answers, ...answers }, log.feeds);
  app.stores.logs.open('p-1', { kind: 'project' });
  return { log, ...app };
};
// the log's own code is loaded with its first use, on a machine that may be busy
vi.setConfig({ testTimeout: 90_000 });
const { asyncUtilTimeout } = getConfig();
configure({ asyncUtilTimeout: 30_000 });
afterAll(() => configure({ asyncUtilTimeout }));
const list = () => screen.findByRole('treegrid', { name: /^Log of/ });
const rows = async () => within(await list()).findAllByRole('row');
const last = async () => (await rows()).at(-1);
const views = (asked: readonly { readonly method: string; readonly input: unknown }[]) =>
  asked.filter(({ method }) => method === 'logs.lines').map(({ input }) => input);

describe('the log in the dock', () => {
  it('is opened with L on a row, of what the row is', async () => {
    const log = fakeLog(50);
    const { stores, user } = renderApp('idle', '#/p/p-1/workloads', log.answers, log.feeds);
    const tree = await screen.findByRole('treegrid', { name: 'Workloads' });
    within(tree)
      .getAllByRole('row', { name: /^apiDeployment/ })[0]
      ?.focus();
    await user.keyboard('l');
    expect(stores.logs.looks.getState()['p-1']?.scope).toMatchObject({
      kind: 'workload',
      workload: { name: 'api' },
    });
    expect(await screen.findByRole('region', { name: 'Log of api' })).toBeVisible();
    await waitFor(async () => expect(await list()).toHaveFocus());
    await user.click(screen.getByRole('button', { name: 'Show the log of all of shop' }));
    expect(stores.logs.looks.getState()['p-1']?.scope).toEqual({ kind: 'project' });
  });

  it('draws only what fits of any number of lines, and follows the end', async () => {
    const { log } = open(1_000_000);
    await waitFor(async () => expect(await last()).toHaveAttribute('data-number', '999999'));
    expect((await rows()).length).toBeLessThan(40);
    log.grow(1_240);
    await waitFor(async () => expect(await last()).toHaveAttribute('data-number', '1001239'));
    await waitFor(async () => expect(await last()).toHaveTextContent('pip install'));
  });

  it('stands still when scrolled up, counts what comes, and End goes back', async () => {
    const { log, user } = open();
    (await list()).focus();
    await user.keyboard('{Home}');
    await waitFor(async () => expect((await rows())[0]).toHaveAttribute('data-number', '0'));
    log.grow(1_240);
    await screen.findByRole('button', { name: /1,240 new lines/ });
    expect((await rows())[0]).toHaveAttribute('data-number', '0');
    await user.keyboard('{End}');
    await waitFor(async () => expect(await last()).toHaveAttribute('data-number', '1739'));
    expect(screen.queryByRole('button', { name: /new lines/ })).toBeNull();
  });

  it('filters and searches as two things', async () => {
    const { client, user } = open();
    await list();
    await user.type(screen.getByRole('textbox', { name: 'Filter' }), 'checkout');
    await screen.findByText('Showing 50 of 500 lines');
    await waitFor(async () => expect(await last()).toHaveTextContent('checkout'));
    await user.clear(screen.getByRole('textbox', { name: 'Filter' }));
    await screen.findByText('500 lines');
    await user.type(screen.getByRole('textbox', { name: 'Search' }), 'cart');
    await screen.findByText('250');
    expect(screen.getByText('500 lines')).toBeVisible();
    await user.keyboard('{Enter}');
    await screen.findByText('250 of 250');
    await user.keyboard('{Shift>}{Enter}{/Shift}');
    await screen.findByText('249 of 250');
    await user.keyboard('{F3}');
    await screen.findByText('250 of 250');
    await waitFor(() => expect(document.querySelector('mark.cur')).toHaveTextContent('cart'));
    expect(client.asked.filter(({ method }) => method === 'logs.clear')).toEqual([]);
  });

  it('goes to the beginning of what is shown next when Home follows Esc at once', async () => {
    const { user } = open();
    await list();
    await user.type(screen.getByRole('textbox', { name: 'Filter' }), 'checkout');
    await screen.findByText('Showing 50 of 500 lines');
    await user.keyboard('{Escape}{Home}');
    await screen.findByText('500 lines');
    await waitFor(async () => expect((await rows())[0]).toHaveAttribute('data-number', '0'));
    await screen.findByRole('button', { name: /To the end/ });
  });

  it('only marks what the filter matches when that is wanted, and shows lines around', async () => {
    const { client, user } = open();
    await list();
    const filter = screen.getByRole('textbox', { name: 'Filter' });
    await user.type(filter, 'checkout');
    await user.click(screen.getByRole('button', { name: 'Lines around each match: 0' }));
    await waitFor(() =>
      expect(views(client.asked).at(-1)).toMatchObject({
        view: { filter: { text: 'checkout', context: 2 } },
      }),
    );
    await user.click(screen.getByRole('button', { name: /only mark/ }));
    await screen.findByText('500 lines');
    await waitFor(() => expect(document.querySelector('mark.kept')).toHaveTextContent('checkout'));
  });

  it('switches levels and sources in place', async () => {
    const { client, user } = open();
    await list();
    await user.click(screen.getByRole('button', { name: /^api 2 pods/ }));
    await waitFor(() =>
      expect(views(client.asked).at(-1)).toMatchObject({
        view: { hidden: ['workload/shop/Deployment/api'] },
      }),
    );
    await user.click(
      within(screen.getByRole('group', { name: 'Levels' })).getByRole('button', { name: 'debug' }),
    );
    await waitFor(() =>
      expect(views(client.asked).at(-1)).toMatchObject({
        view: { levels: ['error', 'warn', 'info', 'none'] },
      }),
    );
  });

  it('says what each source holds, mutes one, and shows the instance before', async () => {
    const { client, stores, user } = open();
    await list();
    await user.click(screen.getByRole('button', { name: '1 of 6' }));
    const menu = await screen.findByRole('dialog', { name: 'Sources of the log' });
    expect(within(menu).getByRole('row', { name: /mariadb/ })).toHaveTextContent(
      'Not allowed: get pods/log in shop',
    );
    const worker = within(menu).getByRole('row', { name: /worker/ });
    expect(worker).toHaveTextContent('1,204 cut');
    await user.click(within(worker).getByRole('button', { name: 'Mute' }));
    await waitFor(() =>
      expect(client.asked.find(({ method }) => method === 'logs.setOptions')?.input).toMatchObject({
        options: { muted: ['pod/shop/worker-6b7d8f9c5-tz9kd/worker'] },
      }),
    );
    await user.click(within(worker).getByRole('button', { name: 'Previous' }));
    expect(stores.logs.looks.getState()['p-1']?.scope).toMatchObject({ kind: 'container', previous: true });
  });

  it('is read further back by a choice', async () => {
    const { client, user } = open();
    await list();
    const reach = await screen.findByRole('combobox', { name: /^How far back/ });
    await user.selectOptions(reach, 'Everything');
    await waitFor(() => expect(reach).toHaveValue('all'));
    expect(client.asked.find(({ method }) => method === 'logs.setOptions')?.input).toEqual({
      projectId: 'p-1',
      options: { tail: null, sinceSeconds: null, muted: [] },
    });
    await user.selectOptions(reach, 'Last hour');
    await waitFor(() => expect(reach).toHaveValue('since-3600'));
  });

  it('has its keys when it has the focus, and none in a field', async () => {
    const { client, stores, user } = open();
    (await list()).focus();
    await user.keyboard('w');
    expect(stores.layout.getState().logWrap).toBe(true);
    await user.keyboard('wi');
    expect(stores.layout.getState()).toMatchObject({ logWrap: false, logTime: 'utc' });
    await user.keyboard('e');
    await waitFor(() =>
      expect(client.asked.findLast(({ method }) => method === 'logs.search')?.input).toMatchObject({
        pattern: null,
        levels: ['error'],
        direction: 'next',
      }),
    );
    await user.keyboard('/');
    expect(screen.getByRole('textbox', { name: 'Search' })).toHaveFocus();
    await user.keyboard('wipe');
    expect(screen.getByRole('textbox', { name: 'Search' })).toHaveValue('wipe');
    expect(stores.layout.getState()).toMatchObject({ logWrap: false, logTime: 'utc' });
    await user.keyboard('{Escape}g');
    expect(screen.getByRole('textbox', { name: 'Filter' })).toHaveFocus();
  });

  it('opens a JSON line', async () => {
    const { user } = open();
    const line = (await rows()).find(row => row.textContent.includes('order queued'));
    if (line === undefined) throw new Error('No line of JSON');
    await user.click(within(line).getByRole('button', { name: 'Open the line' }));
    const opened = await screen.findByText('customer');
    expect(opened.closest('.log-whole')).toHaveTextContent('city: Köln');
  });

  it('exports all or what matches, and asks before it replaces', async () => {
    const { log, user } = open();
    await list();
    await user.type(screen.getByRole('textbox', { name: 'Filter' }), 'checkout');
    await screen.findByText('Showing 50 of 500 lines');
    await user.click(screen.getByRole('button', { name: 'Export…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Export the log of shop' });
    const file = within(dialog).getByRole('textbox', { name: 'File' });
    await user.clear(file);
    await user.type(file, '/tmp/there.log');
    await user.click(within(dialog).getByRole('button', { name: 'Export' }));
    expect(await within(dialog).findByRole('alert')).toHaveTextContent('is there already');
    await user.clear(file);
    await user.type(file, '/tmp/new.log{Enter}');
    await screen.findByText('50 lines written to /tmp/new.log');
    expect(log.saved.at(-1)).toMatchObject({ path: '/tmp/new.log', view: { filter: { text: 'checkout' } } });
  });

  it('takes a file from the system’s dialog where the host has one, and does not ask twice', async () => {
    const { client, log, user } = open(20, {
      'app.info': () => ({
        version: '0.1.0',
        host: 'electron',
        platform: 'linux',
        userHome: '/home/me',
        home: '/home/me/.config/ptah-desktop',
        node: '24.21.0',
      }),
      'app.chooseFile': () => ({ path: '/tmp/there.log' }),
    });
    await list();
    await user.click(screen.getByRole('button', { name: 'Export…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Export the log of shop' });
    await user.click(await within(dialog).findByRole('button', { name: 'Choose…' }));
    await waitFor(() => expect(within(dialog).getByLabelText('File')).toHaveValue('/tmp/there.log'));
    expect(client.asked.find(({ method }) => method === 'app.chooseFile')?.input).toMatchObject({
      title: 'Export the log of shop',
      proposed: expect.stringMatching(/^~\/shop-\d{8}-\d{6}\.log$/),
    });
    await user.click(within(dialog).getByRole('button', { name: 'Export' }));
    await waitFor(() => expect(log.saved.at(-1)).toMatchObject({ path: '/tmp/there.log', overwrite: true }));
  });

  it('has no such button in a browser, where a path is typed', async () => {
    const { user } = open();
    await list();
    await user.click(screen.getByRole('button', { name: 'Export…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Export the log of shop' });
    expect(within(dialog).getByRole('textbox', { name: 'File' })).toBeVisible();
    expect(within(dialog).queryByRole('button', { name: 'Choose…' })).toBeNull();
  });
});

describe('a log without lines', () => {
  const shown = async (
    world: 'logs-quiet' | 'logs-connecting' | 'logs-forbidden' | 'logs-none' | 'logs-silent',
  ) => {
    const { stores } = renderApp(world, '#/p/p-1/workloads');
    stores.logs.open('p-1', { kind: 'project' });
    return screen.findByRole('region', { name: 'Log of shop' });
  };
  it.each([
    ['logs-quiet', 'Connected, no output yet'],
    ['logs-connecting', 'Connecting to 3 containers'],
    ['logs-forbidden', 'Not allowed: list pods in namespace shop as dev-reader'],
    ['logs-none', 'Nothing runs'],
    ['logs-silent', 'Connecting'],
  ] as const)('%s says why', async (world, words) => {
    const region = await shown(world);
    await waitFor(() => expect(region).toHaveTextContent(words));
  });

  it('says why the engine can’t read it, and reads again by a press', async () => {
    let tries = 0;
    const log = fakeLog(20);
    const { stores, user } = renderApp('idle', '#/p/p-1/workloads', log.answers, {
      'logs.watch': (input, signal) => {
        tries += 1;
        if (tries === 1) throw new FakeFailure('project-gone', 'The folder of the project is gone');
        return log.feeds['logs.watch']?.(input, signal) ?? openFeed([], signal);
      },
    });
    stores.logs.open('p-1', { kind: 'project' });
    const region = await screen.findByRole('region', { name: 'Log of shop' });
    await within(region).findByText('The folder of the project is gone');
    await user.click(within(region).getByRole('button', { name: /again|Retry/i }));
    await list();
  });
});

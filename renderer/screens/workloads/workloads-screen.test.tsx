import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { FakeFailure, openFeed, type Feeds } from '../../testing/fake-client.ts';
import { forwardsSnapshot } from '../../testing/forwards.ts';
import { renderApp } from '../../testing/render-app.tsx';
import { snapshot } from '../../testing/shop.ts';

const hash = '#/p/p-1/workloads';
const tree = () => screen.findByRole('treegrid', { name: 'Workloads' });
const inspector = () => screen.findByRole('complementary', { name: 'Inspector' });

describe('the list of workloads', () => {
  it('is loading: bars, and never "not deployed" before the first answer', async () => {
    renderApp('slow', hash);
    expect(await screen.findByRole('status', { name: 'Loading' })).toHaveAttribute('aria-busy', 'true');
    expect(screen.queryByText('Not deployed')).toBeNull();
  });

  it('is slow: says who, and for how long', async () => {
    renderApp('slow', hash);
    expect(await screen.findByText(/^The cluster is slow to answer, \d+ s$/)).toBeInTheDocument();
    expect(screen.getByText(/asked again by itself/)).toBeInTheDocument();
    expect(screen.queryByText('Not deployed')).toBeNull();
  });

  it('is empty: says what would stand here, and deploys', async () => {
    const { client, user } = renderApp('fresh', hash);
    const main = screen.getByRole('main');
    expect(await within(main).findByRole('heading', { name: 'Not deployed' })).toBeInTheDocument();
    expect(within(main).getByText('shop has no pods on kind-dev.')).toBeInTheDocument();
    const [, below] = within(main).getAllByRole('button', { name: /^Deploy/ });
    if (below === undefined) throw new Error('No button below the words');
    await user.click(below);
    await waitFor(() => expect(client.asked.some(({ method }) => method === 'deploy.start')).toBe(true));
  });

  it('failed: says what and why, and is asked again by a press', async () => {
    let tries = 0;
    const { user } = renderApp(
      'idle',
      hash,
      {},
      {
        'workloads.watch': (_, signal) => {
          tries += 1;
          if (tries === 1) throw new FakeFailure('forbidden', 'Not allowed: list pods', 'Ask for a Role.');
          return openFeed([snapshot], signal);
        },
      },
    );
    expect(await screen.findByText('Not allowed: list pods')).toBeInTheDocument();
    expect(screen.getByText('Ask for a Role.')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await tree()).toBeInTheDocument();
  });

  it('has data, and keeps it with its age when the cluster is lost', async () => {
    renderApp(
      'idle',
      hash,
      {},
      {
        'workloads.watch': (_, signal) =>
          openFeed(
            [snapshot, { ...snapshot, connected: false, disconnectedReason: 'The connection was refused' }],
            signal,
          ),
      },
    );
    expect(await tree()).toHaveTextContent('mariadb');
    expect(await screen.findByText('The connection was refused')).toBeInTheDocument();
    expect(screen.getByText(/^What stands below is .* old/)).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Try now' })).toBeInTheDocument();
    expect(await tree()).toHaveTextContent('mariadb');
  });
});

describe('R and F on a row', () => {
  const press = async (name: RegExp, keys: string) => {
    const forwards = forwardsSnapshot.forwards.map(one => ({
      ...one,
      target: { ...one.target, namespace: 'shop' },
    }));
    const feed: Feeds = {
      'forwards.watch': (_, signal) => openFeed([{ ...forwardsSnapshot, forwards }], signal),
    };
    const app = renderApp('idle', hash, {}, feed);
    within(await tree())
      .getAllByRole('row', { name })[0]
      ?.focus();
    await app.user.keyboard(keys);
    const asked = (method: string) => app.client.asked.filter(one => one.method === method);
    return { ...app, asked };
  };

  it('R restarts the workload, also from one of its containers; a key that is held counts once', async () => {
    const { asked, user } = await press(/^worker ?Deployment/, 'r');
    expect(await screen.findByText('Deployment worker restarts, pod by pod.')).toBeVisible();
    expect(asked('objects.restart').map(({ input }) => input)).toEqual([
      { projectId: 'p-1', ref: expect.objectContaining({ kind: 'Deployment', name: 'worker' }) as unknown },
    ]);
    // a chord is the browser's, and Shift+R another key of ours
    await user.keyboard('{Control>}r{/Control}{Shift>}r{/Shift}');
    expect(asked('objects.restart')).toHaveLength(1);
    await user.keyboard('{r>5/}');
    await waitFor(() => expect(asked('objects.restart')).toHaveLength(2));
  });

  it('F forwards every declared port, and says where; where one is on, ends it', async () => {
    const { asked, user } = await press(/^worker ?Deployment/, 'f');
    expect(await screen.findByText('worker is forwarded')).toBeVisible();
    expect(asked('forwards.start').map(({ input }) => input)).toMatchObject([
      { target: { kind: 'Deployment', name: 'worker' }, port: 'http', localPort: null },
      { target: { kind: 'Deployment', name: 'worker' }, port: 'metrics', localPort: null },
    ]);
    within(await tree())
      .getAllByRole('row', { name: /^api ?Deployment/ })[0]
      ?.focus();
    await user.keyboard('f');
    expect(await screen.findByText('api is not forwarded any more')).toBeVisible();
    expect(asked('forwards.switch').map(({ input }) => input)).toEqual([
      { projectId: 'p-1', id: 'f-1', on: false },
    ]);
  });

  it('a container forwards what it declares itself; one without a port says so', async () => {
    const { asked, user } = await press(/^api ?Deployment/, '{ArrowRight}{ArrowRight}{ArrowRight}');
    expect(document.activeElement).toHaveAttribute('aria-level', '3');
    await user.keyboard('f');
    expect(await screen.findByText('api is forwarded')).toBeVisible();
    expect(asked('forwards.offers').at(-1)?.input).toMatchObject({ target: { kind: 'Pod' } });
  });

  it('both stand on the inspector, and in the sheet of keys', async () => {
    const { asked, user } = await press(/^api ?Deployment/, '{Enter}');
    const acts = within(await inspector());
    expect(await acts.findByRole('button', { name: 'Restart' })).toHaveAttribute('aria-keyshortcuts', 'R');
    expect(acts.getByRole('button', { name: 'Forward' })).toHaveAttribute('aria-keyshortcuts', 'F');
    (await inspector()).focus();
    acts.getByRole('button', { name: 'Forward' }).focus();
    await user.keyboard('r');
    await waitFor(() => expect(asked('objects.restart')).toHaveLength(1));
    await user.keyboard('?');
    expect(await screen.findByRole('dialog', { name: 'Keys' })).toHaveTextContent(
      /Restart, pod by pod.*Forward its ports/,
    );
  });
});

/** No pointer from the list to the dock and back. */
it('is walked by keyboard alone: list, inspector, actions, dock', async () => {
  const { client, user } = renderApp('idle', hash);
  await tree();
  const region = () => document.activeElement?.closest('[data-region]')?.getAttribute('data-region');
  const asked = (method: string) => client.asked.filter(one => one.method === method);
  const to = async (name: string) => {
    for (let step = 0; step < 8; step += 1) {
      await user.keyboard('{F6}');
      if (region() === name) return;
    }
    throw new Error(`F6 does not come to ${name}`);
  };

  // the list is one stop; its first row has the focus, arrows move, open and close
  await to('Main');
  expect(document.activeElement).toHaveAttribute('aria-level', '1');
  expect(document.activeElement).toHaveTextContent(/^api/);
  await user.keyboard('{ArrowRight}');
  expect(document.activeElement).toHaveAttribute('aria-level', '2');
  await user.keyboard('{ArrowLeft}');
  expect(document.activeElement).toHaveAttribute('aria-expanded', 'false');
  await user.keyboard('{ArrowLeft}');
  expect(document.activeElement).toHaveAttribute('aria-level', '1');
  await user.keyboard('{ArrowLeft}');
  expect(document.activeElement).toHaveAttribute('aria-expanded', 'false');
  await user.keyboard('{ArrowDown}');
  expect(document.activeElement).toHaveTextContent(/^worker/);
  await user.keyboard('s');
  await waitFor(() => expect(asked('sync.switch')).toHaveLength(1));

  // a field takes the letters
  await user.keyboard('/');
  expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Name, image or state' }));
  await user.keyboard('statsd');
  expect(asked('sync.switch')).toHaveLength(1);
  await waitFor(() => expect(screen.queryByText('migrate', { selector: 'td .b' })).toBeNull());
  await user.keyboard('{Control>}a{/Control}{Delete}');
  await screen.findByText('migrate', { selector: 'td .b' });

  // inspector: opened from the row, its actions by Enter
  await to('Main');
  await user.keyboard('{Home}{Enter}');
  await inspector();
  await within(await inspector()).findByRole('button', { name: 'Restart' });
  const row = document.activeElement;
  await to('Inspector');
  const button = async (name: string) => {
    // the key stands behind the word
    const there = () => document.activeElement?.textContent?.startsWith(name) === true;
    for (let tabs = 0; tabs < 20 && !there(); tabs += 1) await user.tab();
    expect(document.activeElement).toHaveTextContent(name);
  };
  await button('Restart');
  await user.keyboard('{Enter}');
  await waitFor(() => expect(asked('objects.restart')).toHaveLength(1));
  await waitFor(() => expect(document.activeElement).not.toHaveAttribute('aria-disabled', 'true'));
  await button('Scale…');
  await user.keyboard('{Enter}');
  const dialog = await screen.findByRole('dialog', { name: 'Scale Deployment api?' });
  await waitFor(() => expect(dialog).toContainElement(document.activeElement as HTMLElement));
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(document.activeElement).toHaveTextContent('Scale…');

  // L opens the log of what is inspected in the dock; arrows go from tab to tab, Ctrl+J closes it
  await user.keyboard('l');
  const log = await screen.findByRole('region', { name: /^Log of / });
  expect(log).toBeInTheDocument();
  await to('Dock');
  expect(screen.getByRole('tab', { name: /Logs/ })).toHaveAttribute('aria-selected', 'true');
  await user.keyboard('{Control>}j{/Control}');
  await waitFor(() => expect(screen.queryByRole('region', { name: /^Log of / })).toBeNull());

  // Esc closes the inspector, and the row has the focus again
  await to('Inspector');
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('complementary', { name: 'Inspector' })).toBeNull());
  expect(document.activeElement).toBe(row);
});

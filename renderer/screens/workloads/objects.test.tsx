import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, describe, expect, test } from 'vitest';
import type { MethodInput } from '../../../preload/contract/index.ts';
import { FakeFailure } from '../../testing/fake-client.ts';
import { objectFeeds } from '../../testing/objects.ts';
import { renderApp } from '../../testing/render-app.tsx';

const hash = '#/p/p-1/workloads';
const tree = () => screen.findByRole('treegrid', { name: 'Workloads' });
const inspector = () => screen.findByRole('complementary', { name: 'Inspector' });
const row = async (name: string) => {
  const found = (await screen.findAllByText(name, { selector: 'td .b, td .mono' }))[0]?.closest('tr');
  if (found === null || found === undefined) throw new Error(`No row ${name}`);
  return found;
};
const names = (table: HTMLElement) =>
  [...table.querySelectorAll('tr[aria-level="1"]')].map(one => one.querySelector('.b')?.textContent);

beforeEach(() => window.localStorage.clear());

describe('what is listed', () => {
  test('workloads first, then Services and all other objects; text, kind and namespace narrow it', async () => {
    const { user } = renderApp('idle', hash);
    const table = await tree();
    expect(names(table)).toEqual(['api', 'worker', 'web', 'migrate', 'mariadb']);
    const others = await screen.findByRole('grid', { name: 'Other objects' });
    expect(within(others).getByText('api-config')).toBeInTheDocument();
    expect(within(others).getByText('Pending, 8Gi, standard')).toBeInTheDocument();

    await user.type(screen.getByRole('textbox', { name: 'Name, image or state' }), 'CrashLoop');
    expect(names(await tree())).toEqual(['migrate']);
    expect(screen.queryByRole('grid', { name: 'Other objects' })).toBeNull();
    await user.clear(screen.getByRole('textbox', { name: 'Name, image or state' }));
    await user.selectOptions(screen.getByRole('combobox', { name: 'Kind' }), 'Secret');
    expect(screen.queryByRole('treegrid', { name: 'Workloads' })).toBeNull();
    expect(within(screen.getByRole('grid', { name: 'Other objects' })).getAllByRole('row')).toHaveLength(2);
    await user.type(screen.getByRole('textbox', { name: 'Name, image or state' }), 'nothing has this');
    await user.click(screen.getByRole('button', { name: 'Show all' }));
    expect(names(await tree())).toHaveLength(5);
  });

  test('5,000 pods are a window of rows; the keyboard moves in it', async () => {
    const { user } = renderApp('many', hash);
    const table = await tree();
    expect(table).toHaveAttribute('aria-rowcount', '5051');
    expect(within(table).getAllByRole('row').length).toBeLessThan(120);
    (await row('app-000')).focus();
    await user.keyboard('{ArrowDown}');
    expect(document.activeElement).toHaveAttribute('data-row', expect.stringContaining('pod/shop/app-000'));
  });

  test('what is not allowed is its own state, with verb, resource and namespace; a namespace can be typed', async () => {
    const { user } = renderApp('denied', hash);
    const place = await screen.findByRole('region', { name: 'Not allowed' });
    const rows = within(place).getAllByRole('row');
    expect(rows[4]).toHaveTextContent(/list.*pods.*default/);
    expect(screen.queryByText('Not deployed')).toBeNull();
    await user.type(screen.getByRole('textbox', { name: 'Namespaces to look into' }), 'shop{Enter}');
    expect(names(await tree())).toHaveLength(5);
    expect(screen.getByText('Not allowed to list cronjobs in namespace shop')).toBeInTheDocument();
  });
});

describe('one object', () => {
  test('events and detail stand beside a workload', async () => {
    const { user } = renderApp('idle', hash);
    await user.click(await row('api'));
    const events = within(await inspector()).getByRole('region', { name: 'Events' });
    const told = within(events).getAllByRole('listitem');
    expect(told[0]).toHaveTextContent(/BackOff.*14 times.*Back-off restarting/);
    expect(within(await inspector()).getByRole('region', { name: 'Conditions' })).toHaveTextContent(
      'ProgressDeadlineExceeded',
    );
    expect(
      within(await inspector()).getByRole('region', { name: 'Container api, as specified' }),
    ).toHaveTextContent(/asks for 64Mi, at most 256Mi.*GET \/ready on http/);
  });

  test('another object too; Esc closes it and the row has the focus again', async () => {
    const { user } = renderApp('idle', hash);
    await user.click(await row('api-config'));
    expect(await inspector()).toHaveTextContent('ConfigMap, v1, namespace shop');
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('complementary', { name: 'Inspector' })).toBeNull());
    expect(document.activeElement).toBe(await row('api-config'));
  });

  test('one that may not be read says so', async () => {
    const { user } = renderApp(
      'idle',
      hash,
      {},
      {
        ...objectFeeds,
        'objects.inspect': async function* () {
          yield {
            at: '',
            connected: true,
            disconnectedReason: null,
            detail: null,
            events: [],
            denied: [{ verb: 'list', resource: 'events', namespace: 'shop', message: 'forbidden' }],
          };
          await new Promise(() => undefined);
        },
      },
    );
    await user.click(await row('api'));
    expect(within(await inspector()).getByRole('region', { name: 'Not allowed' })).toHaveTextContent(
      /list.*events.*shop/,
    );
  });
});

describe('what is done to it', () => {
  test('restart says what came of it; a refusal says why', async () => {
    const { client, user } = renderApp('idle', hash);
    await user.click(await row('api'));
    await user.click(within(await inspector()).getByRole('button', { name: 'Restart' }));
    expect(await screen.findByText('Deployment api restarts, pod by pod.')).toBeInTheDocument();
    client.answer({
      'objects.restart': () => {
        throw new FakeFailure('forbidden', 'Not allowed to patch deployments "api"', 'Ask for a Role.');
      },
    });
    await user.click(within(await inspector()).getByRole('button', { name: 'Restart' }));
    expect(await screen.findByText('Restart of Deployment api failed')).toBeInTheDocument();
    expect(screen.getByText(/Not allowed to patch deployments "api" Ask for a Role\./)).toBeInTheDocument();
  });

  test('scale takes a number and asks before it ends all pods', async () => {
    const { client, user } = renderApp('idle', hash);
    await user.click(await row('api'));
    await user.click(within(await inspector()).getByRole('button', { name: 'Scale…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Scale Deployment api?' });
    const field = within(dialog).getByRole('textbox', { name: /Pods/ });
    await user.clear(field);
    await user.type(field, 'x');
    expect(within(dialog).getByRole('button', { name: 'Scale' })).toHaveAttribute('aria-disabled', 'true');
    await user.clear(field);
    await user.type(field, '0');
    await user.click(within(dialog).getByRole('button', { name: 'End all pods' }));
    expect(client.asked.find(({ method }) => method === 'objects.scale')?.input).toMatchObject({
      replicas: 0,
    });
  });

  test('a pod is deleted by its UID, after a question whose default is Cancel', async () => {
    const { client, user } = renderApp('idle', hash);
    await user.click(await row('api'));
    const pod = (await tree()).querySelector<HTMLElement>('tr[aria-level="2"]');
    if (pod === null) throw new Error('No pod');
    await user.click(pod);
    await user.click(within(await inspector()).getByRole('button', { name: 'Delete pod…' }));
    const dialog = await screen.findByRole('dialog', { name: /^Delete pod/ });
    expect(document.activeElement).toHaveTextContent('Cancel');
    await user.click(within(dialog).getByRole('button', { name: 'Delete pod' }));
    const asked = client.asked.find(({ method }) => method === 'objects.deletePod');
    expect(asked?.input).toMatchObject({ uid: '1f0b0c2e-6a51-4b6e-9d4f-2b0c8d1f7a11' });
  });
});

describe('its YAML', () => {
  const open = async (world: 'idle' | 'conflict') => {
    const app = renderApp(world, hash);
    await app.user.click(await row('api'));
    await app.user.click(within(await inspector()).getByRole('button', { name: 'YAML' }));
    const area = await screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'YAML of Deployment api' });
    const type = (from: RegExp, to: string) =>
      fireEvent.change(area, { target: { value: area.value.replace(from, to) } });
    return { ...app, area, type };
  };
  const press = (name: string) => screen.getByRole('button', { name });

  test('is tried first, shown as a difference with who else wrote it, then applied', async () => {
    const { client, type, user } = await open('idle');
    expect(press('Check the change')).toHaveAttribute('aria-disabled', 'true');
    type(/replicas: 3/, 'replicas: 5');
    await user.click(press('Check the change'));
    expect(await screen.findByRole('region', { name: 'What changes' })).toHaveTextContent('replicas: 5');
    expect(screen.getByText(/spec.replicas \(horizontal-pod-autoscaler\)/)).toBeInTheDocument();
    await user.click(press('Apply'));
    expect(await screen.findByText('Applied to Deployment api')).toBeInTheDocument();
    const edits = client.asked
      .filter(({ method }) => method === 'objects.edit')
      .map(({ input }) => (input as MethodInput<'objects.edit'>).dryRun);
    expect(edits).toEqual([true, false]);
  });

  test('what the server refuses is told with its line, and the line is gone to', async () => {
    const { area, type, user } = await open('idle');
    type(/replicas: 3/, 'replicas: many');
    await user.click(press('Check the change'));
    await user.click(await screen.findByRole('button', { name: 'Line 10' }));
    expect(document.activeElement).toBe(area);
    expect(area.value.slice(area.selectionStart, area.selectionEnd)).toBe('  replicas: many');
  });

  test('a change made meanwhile is shown, and the edit brought onto it', async () => {
    const { area, type, user } = await open('conflict');
    type(/replicas: 3/, 'replicas: 5');
    await user.click(press('Check the change'));
    expect(await screen.findByRole('region', { name: 'What others changed' })).toHaveTextContent(
      'team: storefront',
    );
    await user.click(press('Bring my edit onto it'));
    expect(area.value).toMatch(/team: storefront[^]*replicas: 5/);
    await user.click(press('Check the change'));
    expect(await screen.findByRole('region', { name: 'What changes' })).toHaveTextContent('replicas: 5');
  });
});

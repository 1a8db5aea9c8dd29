import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { runs } from '../../testing/images-by-hand.ts';
import { FakeFailure, type Answers } from '../../testing/fake-client.ts';
import { renderApp } from '../../testing/render-app.tsx';

const open = async (panel: string, answers: Answers = {}) => {
  const app = renderApp('idle', '#/p/p-1/images', answers);
  await screen.findByRole('grid', { name: 'Images' });
  await app.user.click(screen.getByRole('radio', { name: panel }));
  return app;
};
const asked = ({ client }: ReturnType<typeof renderApp>, method: string) =>
  client.asked.filter(one => one.method === method).map(one => one.input);

describe('layers', () => {
  it('by their lines, what was cached, and advice with its line', async () => {
    await open('Layers');
    const table = await screen.findByRole('table', { name: 'Layers' });
    expect(within(table).getByRole('row', { name: /The base image, 3 lines/ })).toHaveTextContent('75 MB');
    expect(within(table).getByRole('row', { name: /pip install --no-cache-dir -r/ })).toHaveTextContent(
      'Cached',
    );
    expect(within(table).getByRole('row', { name: /COPY \. \./ })).toHaveTextContent('Made anew, 0.3 s');
    const advice = screen.getByRole('list', { name: 'Advice on the Dockerfile' });
    expect(advice).toHaveTextContent('Move this above line 7');
    expect(advice).toHaveTextContent('api/Dockerfile:9');
  });
});

describe('running by hand', () => {
  it('sends what stands in the form, and shows the log', async () => {
    const app = await open('Run');
    const form = await screen.findByRole('form', { name: 'How api is run' });
    const port = within(form).getAllByRole('textbox', { name: 'Port of this machine' })[0];
    if (port === undefined) throw new Error('There is no port');
    await app.user.clear(port);
    await app.user.type(port, '8123');
    await app.user.click(within(form).getByRole('button', { name: 'Add a variable' }));
    await app.user.type(within(form).getByRole('textbox', { name: 'Name' }), 'MODE');
    await app.user.type(within(form).getByRole('textbox', { name: 'Value' }), 'a b{Enter}');
    expect(asked(app, 'images.run')).toEqual([
      {
        projectId: 'p-1',
        name: 'api',
        ports: [
          { container: 8000, protocol: 'tcp', host: 8123 },
          { container: 9000, protocol: 'tcp', host: 9000 },
        ],
        environment: [{ name: 'MODE', value: 'a b' }],
        mounts: [],
        command: null,
      },
    ]);
    expect(await screen.findByRole('region', { name: 'Log of api' })).toBeInTheDocument();
  });

  it('has a log as any other: times, levels that can be left out, rows of JSON, search', async () => {
    const app = await open('Run');
    const runList = await screen.findByRole('list', { name: 'Started by hand' });
    const [first, second] = within(runList).getAllByRole('button', { name: 'Log' });
    if (first === undefined || second === undefined) throw new Error('Two are listed');
    await app.user.click(first);
    const log = within(await screen.findByRole('region', { name: 'Log of api' }, { timeout: 30_000 }));
    const rows = async () =>
      within(await log.findByRole('treegrid', { name: 'Log of api' })).findAllByRole('row');
    await waitFor(async () => expect(await rows()).toHaveLength(4));
    const [begun, , , json] = await rows();
    expect(begun?.querySelector('time')).toHaveAttribute('dateTime', '2026-01-02T03:04:00.000000000Z');
    expect(begun).toHaveTextContent(/info.*Starting gunicorn/);
    if (json === undefined) throw new Error('Four rows are shown');
    await app.user.click(within(json).getByRole('button', { name: 'Open the line' }));
    expect(json).toHaveTextContent(/"table":\s*"items"/);
    await app.user.click(log.getByRole('button', { name: 'info' }));
    await waitFor(async () => expect(await rows()).toHaveLength(2));
    expect(log.getByRole('textbox', { name: 'Search' })).toBeVisible();
    await app.user.click(log.getByRole('button', { name: 'Copy' }));
    expect(await navigator.clipboard.readText()).toBe(
      'GET /items 200 3.1 ms\n{"level":"warn","msg":"slow query","ms":412,"table":"items"}',
    );
    expect(log.getByText('Running')).toBeVisible();
    await app.user.click(log.getByRole('button', { name: 'Stop' }));
    expect(asked(app, 'images.stopRun')).toEqual([{ projectId: 'p-1', id: 'c-1' }]);

    // another one has a look of its own
    await app.user.click(second);
    const other = within(await screen.findByRole('region', { name: 'Log of worker' }));
    expect(await other.findByText(/no module named worker/)).toBeVisible();
    expect(other.getByText('Ended with exit code 2')).toBeVisible();
    expect(other.queryByRole('button', { name: 'Stop' })).toBeNull();
    expect(other.getByRole('button', { name: 'info' })).toHaveAttribute('aria-pressed', 'true');
  });

  it('says what is wrong before anything is sent, and what Docker says after', async () => {
    const app = await open('Run', {
      'images.run': () => {
        throw new FakeFailure('port-taken', 'Port 8001 of this machine is taken.', 'Choose another port.');
      },
    });
    const form = await screen.findByRole('form', { name: 'How api is run' });
    const run = within(form).getByRole('button', { name: 'Run' });
    await app.user.type(within(form).getByRole('textbox', { name: 'Command' }), 'sh -c "');
    expect(form).toHaveTextContent('A quote in the command has no end.');
    expect(run).toHaveAttribute('aria-disabled', 'true');
    await app.user.clear(within(form).getByRole('textbox', { name: 'Command' }));
    await app.user.click(run);
    expect(await within(form).findByRole('alert')).toHaveTextContent(
      'Port 8001 of this machine is taken. Choose another port.',
    );
  });

  it('lists what runs and what ended, each with what can be done', async () => {
    const app = await open('Run');
    const list = await screen.findByRole('list', { name: 'Started by hand' });
    const [first, second] = within(list).getAllByRole('listitem');
    if (first === undefined || second === undefined) throw new Error('Two are listed');
    await app.user.click(within(first).getByRole('button', { name: /127\.0\.0\.1:8001/ }));
    await app.user.click(within(first).getByRole('button', { name: 'Stop' }));
    await app.user.click(within(first).getByRole('button', { name: 'Terminal' }));
    expect(second).toHaveTextContent('Ended with exit code 2');
    await app.user.click(within(second).getByRole('button', { name: 'Dismiss it and its log' }));
    expect(asked(app, 'app.openExternal')).toEqual([{ url: 'http://127.0.0.1:8001/' }]);
    expect(asked(app, 'images.stopRun')).toEqual([{ projectId: 'p-1', id: 'c-1' }]);
    expect(asked(app, 'images.runTerminal')).toEqual([{ projectId: 'p-1', id: 'c-1', cols: 80, rows: 24 }]);
    expect(asked(app, 'images.dismissRun')).toEqual([{ projectId: 'p-1', id: 'c-2' }]);
    app.client.answer({ 'images.runs': () => runs.slice(1) });
    app.client.emit('images.runsChanged', { projectId: 'p-1' });
    await expect.poll(() => within(list).getAllByRole('listitem').length).toBe(1);
  });
});

describe('old tags', () => {
  it('are removed after the list was shown; what is needed cannot be chosen', async () => {
    const app = await open('Old tags', {
      'images.removeTags': () => ({
        removed: [],
        copies: [],
        kept: [{ reference: 'api:41d0c77', reason: 'Pod a/b runs it.' }],
      }),
    });
    const grid = await screen.findByRole('grid', { name: 'Tags of the project' });
    expect(within(grid).getByRole('checkbox', { name: 'Remove api:b3c3fbc' })).toBeDisabled();
    expect(within(grid).getByRole('row', { name: 'api:9f04d1e' })).toHaveTextContent(
      'shop/api-7c9f6d5b8-2xk4q',
    );
    // a list is one stop of Tab, and Space chooses
    within(grid).getByRole('row', { name: 'api:b3c3fbc' }).focus();
    await app.user.keyboard('{ArrowDown} {ArrowDown} ');
    await app.user.click(screen.getByRole('button', { name: 'Remove 1' }));
    const dialog = await screen.findByRole('dialog', { name: 'Remove 1 old tag?' });
    expect(dialog).toHaveTextContent('api:41d0c77');
    expect(within(dialog).getByRole('checkbox', { name: /^Also the copies on/ })).toBeChecked();
    expect(within(dialog).getByRole('button', { name: 'Cancel' })).toHaveFocus();
    expect(asked(app, 'images.removeTags')).toEqual([]);
    await app.user.click(within(dialog).getByRole('button', { name: 'Remove 1 tag' }));
    expect(asked(app, 'images.removeTags')).toEqual([
      { projectId: 'p-1', references: ['api:41d0c77'], nodes: true },
    ]);
    expect(await screen.findByRole('dialog', { name: '1 image was kept' })).toHaveTextContent(
      'Pod a/b runs it.',
    );
  });
});

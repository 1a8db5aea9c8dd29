import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { sampleProblem } from '../../preload/contract/errors.ts';
import { FakeFailure, never } from '../testing/fake-client.ts';
import { renderApp } from '../testing/render-app.tsx';
import { blockedPlan, guardedPlan, plan, proposal, runningJob, settledPlan, shop } from '../testing/shop.ts';

const refuse = () => {
  throw new FakeFailure('docker-unreachable', 'Docker does not answer', 'Start Docker.', {
    command: ['docker', 'version'],
    exitCode: 1,
    output: ['no such file'],
  });
};

const detail = {
  context: 'kind-dev',
  helmfile: null,
  problems: [],
  config: {
    file: 'ptah.yml',
    namespace: 'shop',
    kindName: null,
    kindConfig: null,
    apiServerPort: 8001,
    uiService: '',
    uiUser: '',
    dockerfiles: '(?P<name>x)Dockerfile',
    manifests: '',
    buildOutput: '',
    tagAlgorithm: 'md5',
  },
};

describe('the five states of a list', () => {
  it('nothing for a blink, then bars, then who is slow; never "empty" before the first answer', async () => {
    const { user, client } = renderApp('idle', '#/p/p-1/images', { 'images.list': () => never() });
    expect(screen.queryByText('No images')).toBeNull();
    expect(await screen.findByRole('status', { name: 'Loading' })).toBeInTheDocument();
    expect(
      await screen.findByText(/Docker is slow to answer, \d s/, {}, { timeout: 20_000 }),
    ).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Stop waiting' }));
    expect(screen.getByText('Not waiting any more')).toBeInTheDocument();
    expect(client.asked.filter(one => one.method === 'images.list')).toHaveLength(1);
  });

  it('empty: what would stand here and the pattern that decides', async () => {
    renderApp('empty', '#/p/p-1/images', { 'projects.get': () => ({ ...shop, ...detail }) });
    expect(await screen.findByRole('heading', { name: 'No images' })).toBeInTheDocument();
    expect(await screen.findByText('(?P<name>x)Dockerfile')).toBeInTheDocument();
  });

  it('error: what failed, what to do, the evidence, and trying again', async () => {
    let fails = true;
    const { user } = renderApp('idle', '#/p/p-1/images', {
      'images.list': () => (fails ? refuse() : { images: [], problems: [] }),
    });
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('Docker does not answer');
    expect(alert).toHaveTextContent('Start Docker.');
    await user.click(within(alert).getByRole('button', { name: 'Details' }));
    expect(alert).toHaveTextContent('docker version');
    expect(alert).toHaveTextContent('exit status 1');
    fails = false;
    await user.click(within(alert).getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('heading', { name: 'No images' })).toBeInTheDocument();
  });

  it('data, and data that is older than the last try says so', async () => {
    let fails = false;
    const { stores } = renderApp('idle', '#/p/p-1/images', {
      'images.list': () =>
        fails ? refuse() : { images: [], problems: [{ code: 'x', severity: 'warning', message: 'Odd' }] },
    });
    expect(await screen.findByText('Odd')).toBeInTheDocument();
    fails = true;
    await stores.images.load('p-1');
    expect(await screen.findByText(/What stands below is \d s old/)).toBeInTheDocument();
    expect(screen.getByText('Odd')).toBeInTheDocument();
  });

  it('disconnected: the data stays, and actions say why they are off', async () => {
    const { client } = renderApp('idle', '#/p/p-1/overview');
    expect(await screen.findByRole('button', { name: /^Deploy/ })).toBeEnabled();
    client.connect(false);
    expect(await screen.findByRole('alert')).toHaveTextContent('The engine does not answer');
    const deploy = screen.getByRole('button', { name: /^Deploy/ });
    expect(deploy).toHaveAttribute('aria-disabled', 'true');
    expect(screen.getByRole('list', { name: 'Pipeline' })).toBeInTheDocument();
    client.connect(true);
    await waitFor(() => expect(screen.queryByText(/The engine does not answer/)).toBeNull());
  });
});

describe('deploying', () => {
  it('shows the plan in words, then starts exactly that', async () => {
    const { user, client } = renderApp('idle', '#/p/p-1/overview');
    expect(await screen.findByText(/because/)).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: /^Deploy/ }));
    expect(client.asked.find(one => one.method === 'deploy.start')?.input).toMatchObject({
      fingerprint: plan.fingerprint,
    });
  });

  it('becomes its own progress, with Cancel beside it', async () => {
    const { user, client } = renderApp('busy', '#/p/p-1/overview');
    expect(await screen.findByText('Deploying', { selector: '.btn .cut' })).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /^Deploy$/ })).toBeNull();
    await user.keyboard('{Control>}.{/Control}');
    expect(client.asked).toContainEqual(
      expect.objectContaining({ method: 'activity.cancel', input: { jobId: 'job-1' } }),
    );
    client.emit('activity.changed', {
      ...runningJob,
      state: 'cancelled',
      finishedAt: new Date().toISOString(),
    });
    expect(await screen.findByRole('button', { name: /^Deploy/ })).toBeInTheDocument();
  });

  it('says that there is nothing to do', async () => {
    renderApp('settled', '#/p/p-1/overview');
    expect(await screen.findByText('Nothing to deploy.')).toBeInTheDocument();
    expect(settledPlan.nothingToDo).toBe(true);
  });

  it('is off while problems stand in the way, and lists them with their places', async () => {
    renderApp('blocked', '#/p/p-1/overview');
    const problems = await screen.findByRole('alert', { name: 'Problems' });
    expect(problems).toHaveTextContent('k8s/api.yaml:21:18');
    const deploy = screen.getByRole('button', { name: /^Deploy/ });
    expect(deploy).toHaveAttribute('aria-disabled', 'true');
    expect(deploy).toHaveAttribute('title', blockedPlan.problems[0]?.message);
  });

  it('says once why a project cannot be read, and counts it among the problems', async () => {
    const problem = { ...sampleProblem, file: 'ptah.yml', line: 2, column: 3 };
    const fail = () => {
      throw new FakeFailure('invalid-config', problem.message, null, { problems: [problem] });
    };
    renderApp('idle', '#/p/p-1/overview', { 'deploy.plan': fail }, { 'sync.watch': fail });
    expect(await screen.findByText('ptah.yml:2:3')).toBeInTheDocument();
    await waitFor(() => expect(screen.getAllByRole('alert')).toHaveLength(1));
    expect(screen.getByRole('tab', { name: 'Problems 1' })).toBeInTheDocument();
  });

  it('asks for the name of a cluster that is not of this machine', async () => {
    const { user, client } = renderApp('guard', '#/p/p-1/overview');
    await user.click(await screen.findByRole('button', { name: /^Deploy to acme-staging…/ }));
    const dialog = await screen.findByRole('dialog', { name: 'Deploy shop to acme-staging?' });
    await user.click(within(dialog).getByRole('button', { name: 'Deploy to acme-staging' }));
    expect(client.asked.some(one => one.method === 'deploy.start')).toBe(false);
    await user.type(within(dialog).getByRole('textbox'), guardedPlan.cluster.context);
    await user.click(within(dialog).getByRole('button', { name: 'Deploy to acme-staging' }));
    expect(client.asked.some(one => one.method === 'deploy.start')).toBe(true);
  });

  it('replaces only what was ticked', async () => {
    const objects = plan.objects.map((object, index) =>
      index === 6 ? { ...object, action: 'ask' as const } : object,
    );
    const { user, client } = renderApp('idle', '#/p/p-1/overview', {
      'deploy.plan': () => ({ ...plan, objects }),
    });
    await user.click(await screen.findByRole('button', { name: /^Deploy/ }));
    const dialog = await screen.findByRole('dialog', { name: 'Replace 1 object?' });
    await user.click(within(dialog).getByRole('checkbox'));
    await user.click(within(dialog).getByRole('button', { name: 'Deploy and replace 1' }));
    expect(client.asked.find(one => one.method === 'deploy.start')?.input).toMatchObject({
      consent: { replace: [plan.objects[6]?.ref], prune: [] },
    });
  });

  it('prunes only what is ticked, and what may hold data is not ticked beforehand', async () => {
    const { user, client } = renderApp('idle', '#/p/p-1/overview');
    await user.click(await screen.findByRole('button', { name: 'Prune…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Prune 2 objects from kind-dev?' });
    expect(
      within(dialog)
        .getAllByRole('checkbox')
        .map(box => (box as HTMLInputElement).checked),
    ).toEqual([true, false]);
    await user.click(within(dialog).getByRole('button', { name: 'Deploy and prune 1' }));
    await waitFor(() =>
      expect(client.asked.find(one => one.method === 'deploy.start')?.input).toMatchObject({
        consent: { prune: [plan.prune[0]?.ref] },
      }),
    );
  });

  it('shows the failed step, the first useful line and the evidence', async () => {
    renderApp('failed', '#/p/p-1/overview');
    const failed = await screen.findByRole('alert', { name: 'What failed' });
    expect(failed).toHaveTextContent('Build of worker failed at step 4');
    expect(failed).toHaveTextContent('No matching distribution found for celry==5.4.0');
    expect(failed).toHaveTextContent('worker/Dockerfile:5');
    expect(screen.getByRole('button', { name: /^Retry from Build/ })).toBeInTheDocument();
    expect(screen.getByText(/Kept: api:5e20c7d/)).toBeInTheDocument();
  });
});

describe('opening a folder', () => {
  it('shows the proposal as a diff and writes it when agreed', async () => {
    const { user, client } = renderApp('empty', '#/projects', {
      'projects.chooseFolder': () => ({ path: proposal.root }),
      'projects.open': () => ({ result: 'proposal', proposal }),
    });
    await user.click(await screen.findByRole('button', { name: /^Open…/ }));
    const dialog = await screen.findByRole('dialog', { name: 'Create ptah.yml?' });
    expect(within(dialog).getByRole('region', { name: 'k8s.yaml' })).toHaveTextContent('ptah://fastapi-k8s');
    await user.click(within(dialog).getByRole('button', { name: 'Create and edit' }));
    expect(client.asked.some(one => one.method === 'projects.accept')).toBe(true);
    await waitFor(() => expect(window.location.hash).toBe('#/p/p-1/overview'));
  });

  it('browses by keyboard where the host has no dialog', async () => {
    const { user, client } = renderApp('idle', '#/projects');
    await user.click(await screen.findByRole('button', { name: /^Open folder…/ }));
    const dialog = await screen.findByRole('dialog', { name: 'Open folder' });
    await within(dialog).findByRole('option', { name: /^blog/ });
    await waitFor(() => expect(within(dialog).getByRole('option', { name: /^blog/ })).toHaveFocus());
    await user.keyboard('{ArrowDown}{ArrowDown}');
    await user.click(within(dialog).getByRole('button', { name: 'Open fastapi-k8s' }));
    expect(client.asked.find(one => one.method === 'projects.open')?.input).toEqual({
      path: '/home/me/code/fastapi-k8s',
    });
  });
});

describe('the keyboard', () => {
  it('finds the palette, runs what is chosen, and Esc gives the focus back', async () => {
    const { user } = renderApp('idle', '#/projects');
    await screen.findByRole('grid', { name: 'Projects' });
    await user.keyboard('{Control>}k{/Control}');
    expect(await screen.findByRole('dialog')).toBeInTheDocument();
    await user.keyboard('setup{Enter}');
    await waitFor(() => expect(window.location.hash).toBe('#/setup'));
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('loses no letter that is typed before the palette’s own code is there', async () => {
    const { user } = renderApp('idle', '#/p/p-1/overview');
    await user.keyboard('{Control>}k{/Control}over');
    await waitFor(() => expect(screen.getByRole('combobox')).toHaveValue('over'));
    expect(screen.getByRole('combobox')).toHaveFocus();
    await user.keyboard('view');
    expect(screen.getByRole('combobox')).toHaveValue('overview');
    await user.keyboard('{Escape}{Control>}k{/Control}');
    expect(await screen.findByRole('combobox')).toHaveValue('');
  });

  it('moves in a list and opens with Enter', async () => {
    const { user } = renderApp('idle', '#/projects');
    const grid = await screen.findByRole('grid', { name: 'Projects' });
    within(grid).getByRole('row', { name: 'shop' }).focus();
    await user.keyboard('{ArrowDown}');
    expect(within(grid).getByRole('row', { name: 'blog' })).toHaveFocus();
    await user.keyboard('{End}{Home}{Enter}');
    await waitFor(() => expect(window.location.hash).toBe('#/p/p-1/overview'));
  });

  it('shows all keys with ?, but not while typing', async () => {
    const { user } = renderApp('idle', '#/projects');
    const filter = await screen.findByRole('textbox', { name: 'Filter projects' });
    await user.type(filter, '?');
    expect(screen.queryByRole('dialog')).toBeNull();
    await user.keyboard('{Escape}?');
    expect(await screen.findByRole('dialog', { name: 'Keys' })).toBeInTheDocument();
  });

  it('goes from part to part with F6', async () => {
    const { user } = renderApp('idle', '#/projects');
    await screen.findByRole('grid', { name: 'Projects' });
    await user.keyboard('{F6}');
    expect(screen.getByRole('button', { name: 'Back' })).toHaveFocus();
    await user.keyboard('{F6}');
    expect(screen.getByRole('link', { name: 'Projects' })).toHaveFocus();
    await user.keyboard('{F6}');
    expect(screen.getByRole('row', { name: 'shop' })).toHaveFocus();
  });

  it('goes to a project by its number, and opens the dock', async () => {
    const { user } = renderApp('idle', '#/projects');
    await screen.findByRole('grid', { name: 'Projects' });
    await user.keyboard('{Control>}2{/Control}');
    expect(window.location.hash).toBe('#/p/p-2/overview');
    await user.keyboard('{Control>}j{/Control}');
    expect(await screen.findByRole('tabpanel')).toBeInTheDocument();
  });
});

describe('the screens', () => {
  it('names its places in the sidebar by one word each, whatever they count', async () => {
    renderApp('idle', '#/p/p-1/overview');
    await screen.findByRole('list', { name: 'Pipeline' });
    for (const name of [
      'Projects',
      'Overview',
      'Images',
      'Changes',
      'Workloads',
      'Cluster',
      'Activity',
      'Setup',
      'Settings',
    ]) {
      expect(screen.getByRole('link', { name })).toBeInTheDocument();
    }
  });

  it('images: why one is stale, and its build replayed as steps', async () => {
    const { user, client } = renderApp('idle', '#/p/p-1/images');
    const grid = await screen.findByRole('grid', { name: 'Images' });
    expect(within(grid).getByRole('row', { name: 'api' })).toHaveTextContent('3 files changed');
    expect(within(screen.getByRole('list', { name: 'Changed files' })).getAllByRole('listitem')).toHaveLength(
      3,
    );
    expect(await screen.findByRole('button', { name: /RUN pip install/ })).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: /^Build 1 image/ }));
    expect(client.asked).toContainEqual(
      expect.objectContaining({
        method: 'images.build',
        input: expect.objectContaining({ names: ['api'], force: false }),
      }),
    );
  });

  it('changes: by wave, with rewrites apart, side by side and inline', async () => {
    const { user } = renderApp('idle', '#/p/p-1/changes');
    const list = await screen.findByRole('listbox', { name: 'Objects' });
    await user.click(within(list).getByRole('option', { name: /Deployment api/ }));
    const pane = await screen.findByRole('region', { name: 'Deployment api' });
    expect(await within(pane).findByText(/became/)).toHaveTextContent(
      'ptah://api in k8s/api.yaml:33 became api:b3c3fbc because app/main.py changed',
    );
    expect(within(list).getByRole('option', { name: /Deployment api/ })).toHaveTextContent('1 rewrite');
    await user.click(within(pane).getByRole('radio', { name: 'Inline' }));
    expect(within(pane).queryByText('In the cluster now')).toBeNull();
    await user.click(within(pane).getByRole('radio', { name: 'File' }));
    expect(within(pane).getAllByText(/rewritten:/)).not.toHaveLength(0);
  });

  it('workloads: opened and closed by arrows, inspected with Enter, the inspector closed with Esc', async () => {
    const { user } = renderApp('idle', '#/p/p-1/workloads');
    const grid = await screen.findByRole('treegrid', { name: 'Workloads' });
    expect(within(grid).getByText('old')).toBeInTheDocument();
    const row = (name: string) =>
      within(grid)
        .getAllByRole('row')
        .find(one => one.textContent?.startsWith(name));
    row('worker')?.focus();
    expect(row('worker')).toHaveAttribute('aria-expanded', 'false');
    await user.keyboard('{ArrowRight}');
    expect(row('worker')).toHaveAttribute('aria-expanded', 'true');
    await user.keyboard('{ArrowRight}{Enter}');
    expect(await screen.findByRole('complementary', { name: 'Inspector' })).toHaveTextContent(
      'worker-6b7d8f9c5-tz9kd',
    );
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('complementary', { name: 'Inspector' })).toBeNull();
    await user.keyboard('{ArrowLeft}{ArrowLeft}');
    expect(row('worker')).toHaveAttribute('aria-expanded', 'false');
  });

  it('workloads: opens a Service and says where', async () => {
    const { user, client } = renderApp('idle', '#/p/p-1/workloads');
    await user.click(await screen.findByRole('button', { name: 'Open api port 8000' }));
    expect(await screen.findByRole('link', { name: 'http://127.0.0.1:41234/' })).toBeInTheDocument();
    expect(client.asked).toContainEqual(
      expect.objectContaining({
        method: 'app.openExternal',
        input: { url: 'http://127.0.0.1:41234/' },
      }),
    );
  });

  it('cluster: deleted only when its name was typed', async () => {
    const { user, client } = renderApp('idle', '#/p/p-1/cluster');
    await user.click(await screen.findByRole('button', { name: 'Delete cluster…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Delete the cluster dev?' });
    const button = within(dialog).getByRole('button', { name: 'Delete dev' });
    await user.click(button);
    expect(client.asked.some(one => one.method === 'cluster.delete')).toBe(false);
    await user.type(within(dialog).getByRole('textbox'), 'dev');
    await user.click(button);
    expect(client.asked.find(one => one.method === 'cluster.delete')?.input).toEqual({
      projectId: 'p-1',
      name: 'dev',
    });
  });

  it('setup: each check on its own; a fix shows its commands before it runs', async () => {
    const { user, client } = renderApp('idle', '#/setup');
    const row = await screen.findByRole('row', { name: 'Docker reachable' });
    await waitFor(() => expect(row).toHaveTextContent('Ready'));
    expect(screen.getByRole('row', { name: 'cgroup v2' })).toHaveTextContent('Checking');
    expect(await screen.findByText('go install github.com/helmfile/helmfile@v1.1.9')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Run: Install helmfile' }));
    expect(client.asked.find(one => one.method === 'setup.fix')?.input).toEqual({
      checkId: 'helmfile',
      fixId: 'install',
    });
  });

  it('activity: running first; a finished job can be dismissed', async () => {
    const { user, client } = renderApp('busy', '#/activity');
    const grid = await screen.findByRole('grid', { name: 'Jobs' });
    const rows = within(grid).getAllByRole('row').slice(1);
    expect(rows[0]).toHaveTextContent('Running');
    await user.click(within(grid).getByRole('button', { name: 'Dismiss Create cluster dev' }));
    expect(client.asked).toContainEqual(
      expect.objectContaining({ method: 'activity.dismiss', input: { jobId: 'job-11' } }),
    );
    await waitFor(() => expect(within(grid).getAllByRole('row')).toHaveLength(rows.length));
  });

  it('settings: written when changed, refused in place', async () => {
    const { user, client } = renderApp('idle', '#/settings');
    await user.click(await screen.findByRole('radio', { name: 'Dark' }));
    expect(client.asked).toContainEqual(
      expect.objectContaining({
        method: 'settings.update',
        input: { patch: { theme: 'dark' } },
      }),
    );
    await waitFor(() => expect(document.documentElement.dataset['theme']).toBe('dark'));
    const timeout = screen.getByRole('textbox', { name: 'Rollout timeout, seconds' });
    await user.clear(timeout);
    await user.type(timeout, '5{Enter}');
    expect(await screen.findByText('A whole number from 10 to 3600')).toBeInTheDocument();
    await user.clear(timeout);
    await user.type(timeout, '60{Enter}');
    expect(await screen.findByText('Saved')).toBeInTheDocument();
    expect(client.asked).toContainEqual(
      expect.objectContaining({ input: { patch: { rolloutTimeoutSeconds: 60 } } }),
    );
  });

  it('shows a screen that breaks in its place, and the window goes on', async () => {
    const { user } = renderApp('idle', '#/p/p-1/images', {
      'images.list': () => ({ images: 'none' }) as never,
    });
    expect(await screen.findByText(/This screen could not be drawn/)).toBeInTheDocument();
    await user.click(screen.getByRole('link', { name: 'Settings' }));
    expect(await screen.findByRole('heading', { name: 'Settings' })).toBeInTheDocument();
  });
});

it('calls a project deployed that the cluster equals, though no deploy is on record here', async () => {
  renderApp('idle', '#/p/p-1/overview', {
    'projects.list': () => [{ ...shop, lastDeploy: null }],
    'deploy.plan': () => settledPlan,
  });
  const nav = await screen.findByRole('navigation');
  expect(await within(nav).findByTitle('Deployed')).toBeInTheDocument();
});

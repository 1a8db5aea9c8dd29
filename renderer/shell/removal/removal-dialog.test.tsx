import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { FakeFailure } from '../../testing/fake-client.ts';
import { removalPlan } from '../../testing/removal.ts';
import { renderApp } from '../../testing/render-app.tsx';

async function open(world = 'idle', answers = {}) {
  const rendered = renderApp(world, '#/p/p-1/overview', answers);
  await rendered.user.click(await screen.findByRole('button', { name: 'Remove…' }));
  const dialog = await screen.findByRole('dialog');
  await within(dialog).findByRole('checkbox', { name: /^Objects in the cluster/ });
  return { ...rendered, dialog };
}
const started = (client: ReturnType<typeof renderApp>['client']) =>
  client.asked.filter(({ method }) => method === 'removal.start').map(({ input }) => input);

describe('the dialog that removes a project', () => {
  it('lists everything with its size and what stays; Enter presses Cancel', async () => {
    const { user, client, dialog } = await open();
    expect(within(dialog).getByRole('region', { name: 'Images in Docker' })).toHaveTextContent('api:9f04d1e');
    expect(within(dialog).getByRole('region', { name: 'Stays' })).toHaveTextContent('~/code/shop');
    expect(within(dialog).getByRole('button', { name: 'Remove 18 things, 1.1 GB' })).toBeInTheDocument();
    expect(within(dialog).getByRole('button', { name: 'Cancel' })).toHaveFocus();
    await user.keyboard('{Enter}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(started(client)).toEqual([]);
  });

  it('ticks nothing beforehand that the folder can’t make again', async () => {
    const { user, client, dialog } = await open();
    for (const name of [/^Volumes and claims/, /^Namespaces and definitions/, /^Kind cluster/])
      expect(within(dialog).getByRole('checkbox', { name })).not.toBeChecked();
    await user.click(within(dialog).getByRole('checkbox', { name: /^Images in Docker/ }));
    await user.click(within(dialog).getByRole('checkbox', { name: /^Volumes and claims/ }));
    await user.click(within(dialog).getByRole('button', { name: /^Remove 1/ }));
    await waitFor(() =>
      expect(started(client)).toEqual([
        {
          projectId: 'p-1',
          fingerprint: removalPlan.fingerprint,
          groups: ['live', 'objects', 'node-images', 'output', 'volumes'],
          clusterName: null,
        },
      ]),
    );
  });

  it('wants the name of the cluster typed', async () => {
    const { user, client, dialog } = await open();
    await user.click(within(dialog).getByRole('checkbox', { name: /^Kind cluster/ }));
    expect(within(dialog).getByRole('checkbox', { name: /^Objects in the cluster/ })).toBeDisabled();
    const remove = within(dialog).getByRole('button', { name: /^Remove 7 things/ });
    expect(remove).toHaveAttribute('aria-disabled', 'true');
    await user.click(remove);
    expect(started(client)).toEqual([]);
    await user.type(within(dialog).getByRole('textbox'), 'dev');
    await user.click(within(dialog).getByRole('button', { name: /^Remove 7 things/ }));
    await waitFor(() => expect(started(client)).toMatchObject([{ clusterName: 'dev' }]));
  });

  it('shows the list shrink, and what could not be removed with the reason', async () => {
    const { user, dialog } = await open('removal-failed');
    await user.click(within(dialog).getByRole('button', { name: /^Remove 18/ }));
    expect(
      await screen.findByRole('heading', { name: 'Not everything of shop is gone' }),
    ).toBeInTheDocument();
    expect(screen.getByRole('list', { name: 'Not removed' })).toHaveTextContent(
      'the container trial is using its referenced image',
    );
  });

  it('can be cancelled while it runs, and goes on when its dialog is closed', async () => {
    const { user, client, dialog } = await open('removing');
    await user.click(within(dialog).getByRole('button', { name: /^Remove 18/ }));
    expect(await screen.findByRole('progressbar', { name: 'Removal of shop' })).toBeInTheDocument();
    const left = await screen.findByRole('list', { name: 'Still to go' });
    await waitFor(() => expect(within(left).getAllByRole('listitem')).toHaveLength(7));
    await user.click(screen.getByRole('button', { name: 'Cancel the removal' }));
    expect(client.asked).toContainEqual({ method: 'activity.cancel', input: { jobId: 'job-21' } });
    await user.click(screen.getByRole('button', { name: 'Go on in the background' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });

  it('says when there is nothing, and when it was refused', async () => {
    const empty = {
      ...removalPlan,
      groups: removalPlan.groups.map(group => ({ ...group, items: [] })),
      nothingToRemove: true,
    };
    const { user, client } = renderApp('idle', '#/p/p-1/overview', { 'removal.plan': () => empty });
    await user.click(await screen.findByRole('button', { name: 'Remove…' }));
    expect(await screen.findByRole('heading', { name: 'Nothing to remove' })).toBeInTheDocument();
    await user.keyboard('{Escape}');
    client.answer({
      'removal.plan': () => removalPlan,
      'removal.start': () => {
        throw new FakeFailure('deploy-running', 'shop is being deployed, built or removed already.');
      },
    });
    await user.click(screen.getByRole('button', { name: 'Remove…' }));
    await user.click(await screen.findByRole('button', { name: /^Remove 18/ }));
    expect(await screen.findByText('shop is being deployed, built or removed already.')).toBeInTheDocument();
  });
});

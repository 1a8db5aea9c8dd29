import { describe, expect, it, vi } from 'vitest';
import { createFakeClient, FakeFailure } from '../testing/fake-client.ts';
import { proposal, shop } from '../testing/shop.ts';
import { createOpening } from './opening.ts';

function start(answers: Parameters<typeof createFakeClient>[0], hasNativeDialog = false) {
  const client = createFakeClient(answers);
  const onOpened = vi.fn();
  return {
    client,
    onOpened,
    opening: createOpening(client, { hasNativeDialog: () => hasNativeDialog, onOpened }),
  };
}

describe('opening a folder', () => {
  it('opens it and goes there', async () => {
    const { opening, onOpened } = start({ 'projects.open': () => ({ result: 'opened', project: shop }) });
    await opening.open('/a');
    expect(onOpened).toHaveBeenCalledWith(shop);
    expect(opening.store.getState().step).toBe('none');
  });

  it('asks before anything is written, and writes exactly what was shown', async () => {
    const { opening, client, onOpened } = start({
      'projects.open': () => ({ result: 'proposal', proposal }),
      'projects.accept': () => ({ result: 'opened', project: shop }),
    });
    await opening.open('/a');
    expect(opening.store.getState()).toMatchObject({ step: 'proposal', writing: false });
    expect(client.asked.map(one => one.method)).toEqual(['projects.open']);
    await opening.accept();
    expect(client.asked.at(-1)).toEqual({
      method: 'projects.accept',
      input: { root: proposal.root, configText: proposal.configText, edits: [...proposal.edits] },
    });
    expect(onOpened).toHaveBeenCalledOnce();
  });

  it('keeps the proposal when it could not be written', async () => {
    const { opening } = start({
      'projects.open': () => ({ result: 'proposal', proposal }),
      'projects.accept': () => {
        throw new FakeFailure('folder-changed', 'The folder changed meanwhile');
      },
    });
    await opening.open('/a');
    await opening.accept();
    expect(opening.store.getState()).toMatchObject({
      step: 'proposal',
      writing: false,
      error: { code: 'folder-changed' },
    });
  });

  it('asks which of two folders with one name is meant, and passes the answer on', async () => {
    const { opening, client } = start({
      'projects.open': ({ asNew }) =>
        asNew === undefined
          ? { result: 'same-identity', project: shop, root: '/b' }
          : { result: 'opened', project: shop },
    });
    await opening.open('/b');
    expect(opening.store.getState()).toMatchObject({ step: 'same-identity', root: '/b' });
    await opening.open('/b', false);
    expect(client.asked.at(-1)?.input).toEqual({ path: '/b', asNew: false });
  });

  it('uses the native dialog where there is one; cancelling it does nothing', async () => {
    const { opening } = start({ 'projects.chooseFolder': () => ({ path: null }) }, true);
    await opening.choose();
    expect(opening.store.getState().step).toBe('none');
  });

  it('opens our own browser where there is none', async () => {
    const { opening } = start({ 'projects.chooseFolder': () => ({ path: null }) });
    await opening.choose();
    expect(opening.store.getState()).toMatchObject({ step: 'browse', name: null });
  });

  it('opens a dropped folder when exactly one fits', async () => {
    const { opening, client, onOpened } = start({
      'projects.locate': () => ({ candidates: ['/home/me/code/shop'] }),
      'projects.open': () => ({ result: 'opened', project: shop }),
    });
    await opening.openDropped({ name: 'shop', entries: ['ptah.yml', 'api'] });
    expect(client.asked[0]).toEqual({
      method: 'projects.locate',
      input: { name: 'shop', entries: ['ptah.yml', 'api'] },
    });
    expect(client.asked[1]).toEqual({ method: 'projects.open', input: { path: '/home/me/code/shop' } });
    expect(onOpened).toHaveBeenCalledOnce();
  });

  it.each([
    [[], null, /does not say where “shop” lies/],
    [['/a/shop', '/b/shop'], '/a', /2 folders look like “shop”/],
  ])('looks for it by hand when %j fit', async (candidates, from, why) => {
    const { opening, onOpened } = start({ 'projects.locate': () => ({ candidates }) });
    await opening.openDropped({ name: 'shop', entries: [] });
    const state = opening.store.getState();
    expect(state).toMatchObject({ step: 'browse', name: 'shop', start: from });
    expect(state.step === 'browse' && state.why).toMatch(why);
    expect(onOpened).not.toHaveBeenCalled();
  });

  it('says why a folder can not be opened', async () => {
    const { opening } = start({
      'projects.open': () => {
        throw new FakeFailure(
          'not-a-project',
          'No Dockerfile and no manifest in it',
          'Choose the folder above',
        );
      },
    });
    await opening.open('/a');
    expect(opening.store.getState()).toMatchObject({
      step: 'failed',
      path: '/a',
      error: { message: 'No Dockerfile and no manifest in it', hint: 'Choose the folder above' },
    });
  });
});

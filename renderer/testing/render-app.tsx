import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { App } from '../app/app.tsx';
import { createStores } from '../stores/stores.ts';
import type { Answers, FakeClient, Feeds } from './fake-client.ts';
import { worlds } from './worlds.ts';

/** The whole window over a fake engine, at a place. */
export function renderApp(
  world: keyof typeof worlds,
  hash: string,
  answers: Answers = {},
  feeds: Feeds = {},
): { client: FakeClient; stores: ReturnType<typeof createStores>; user: ReturnType<typeof userEvent.setup> } {
  const make = worlds[world];
  if (make === undefined) throw new Error(`No world ${world}`);
  const client = make();
  client.answer(answers);
  client.feed(feeds);
  window.location.hash = hash;
  const stores = createStores(client, window);
  render(<App stores={stores} />);
  return { client, stores, user: userEvent.setup() };
}

import { expect, test } from 'vitest';
import { dashboard } from './dashboard.ts';
import { createSampleEngine, createSampleHost } from './testing.ts';

const open = { projectId: 'p-1', lasting: false };
const context = { signal: new AbortController().signal, windowId: null };

test('the token goes into the clipboard of the process, and to no window', async () => {
  const copied: string[] = [];
  const host = {
    ...createSampleHost(),
    copySecret: async (text: string) => copied.push(text) > 0,
  };
  const { token } = await dashboard(createSampleEngine(), host)['dashboard.open'](open, context);
  expect(token).toBeNull();
  expect(copied).toEqual(['eyJ.e30.c2ln']);
});

test('the window gets it where the process has no clipboard', async () => {
  const { token } = await dashboard(createSampleEngine(), createSampleHost())['dashboard.open'](
    open,
    context,
  );
  expect(token).toBe('eyJ.e30.c2ln');
});

import { act, render, screen } from '@testing-library/react';
import type { ComponentType } from 'react';
import { expect, it, vi } from 'vitest';
import { ErrorBoundary } from '../app/error-boundary.tsx';
import { onDemand } from './on-demand.tsx';

const Greeting = ({ name }: { name: string }) => <p>{`Hello ${name}`}</p>;

it('stands in until the code has come, then draws it without a further wait', async () => {
  let come: (part: ComponentType<{ name: string }>) => void = () => {};
  const Part = onDemand<{ name: string }>(() => new Promise(resolve => (come = resolve)), <p>Waiting</p>);
  render(<Part name="Ada" />);
  expect(screen.getByText('Waiting')).toBeInTheDocument();
  // no timer goes on in it: what React holds back for 300 ms would not stand here
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance', 'Date'] });
  try {
    await act(async () => come(Greeting));
    expect(screen.getByText('Hello Ada')).toBeInTheDocument();
  } finally {
    vi.useRealTimers();
  }
});

it('draws at once what was fetched ahead, and fetches it once', async () => {
  const load = vi.fn(async () => Greeting);
  const Part = onDemand<{ name: string }>(load, <p>Waiting</p>);
  await Promise.all([Part.ahead(), Part.ahead()]);
  render(<Part name="Ada" />);
  // nothing was waited for
  expect(screen.getByText('Hello Ada')).toBeInTheDocument();
  expect(load).toHaveBeenCalledTimes(1);
});

it('tells the boundary when the code can not be fetched, and tries again', async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => {});
  const load = vi.fn<() => Promise<typeof Greeting>>(async () => Greeting);
  load.mockRejectedValueOnce(new Error('The file is gone'));
  const Part = onDemand(load);
  render(
    <ErrorBoundary>
      <Part name="Ada" />
    </ErrorBoundary>,
  );
  expect(await screen.findByText('The file is gone')).toBeInTheDocument();
  screen.getByRole('button', { name: /again/i }).click();
  expect(await screen.findByText('Hello Ada')).toBeInTheDocument();
  expect(load).toHaveBeenCalledTimes(2);
  told.mockRestore();
});

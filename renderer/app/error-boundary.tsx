import { Component, type ReactNode } from 'react';
import { FailureNote } from '../components/failure.tsx';
import { toFailure } from '../stores/failure.ts';

/** A screen that breaks says so in its place; the rest of the window goes on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { thrown: unknown }> {
  override state: { thrown: unknown } = { thrown: null };

  static getDerivedStateFromError(thrown: unknown) {
    return { thrown };
  }

  override render() {
    const { thrown } = this.state;
    if (thrown === null) return this.props.children;
    return (
      <main className="main" data-region="Main">
        <FailureNote
          error={{
            ...toFailure(thrown),
            hint: 'This screen could not be drawn. The engine and its jobs go on.',
          }}
          onRetry={() => this.setState({ thrown: null })}
        />
      </main>
    );
  }
}

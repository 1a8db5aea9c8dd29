import type { Engine } from '../../engine/index.ts';
import type { Terminal } from './command.ts';

/** Runs `work` on an engine of this process and leaves nothing of it behind. */
export async function withEngine<T>(terminal: Terminal, work: (engine: Engine) => Promise<T>): Promise<T> {
  const { createEngine } = await import('../../engine/index.ts');
  const engine = createEngine({ env: terminal.env, watchFiles: false });
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

import { events } from '../../preload/contract/index.ts';
import type { EventName, PtahClient } from '../../preload/contract/index.ts';
import { hostApp } from './app.ts';
import type { Api } from './api.ts';
import { parseInput, parseOutput, requestOf, streamOf, unknown } from './api.ts';
import { attachedDashboard } from './dashboard.ts';
import type { CallContext, Host } from './handler.ts';
import { folders } from './projects.ts';

/**
 * The contract served by an engine in another process: requests go through, except those that belong to the window's
 * own process. Input is checked here too, so that a wrong payload never travels.
 */
export function createRelayApi(client: PtahClient, host: Host, home: { readonly config: string }): Api {
  const local = new Map(
    Object.entries({ ...hostApp(host, home), ...folders(host), ...attachedDashboard(client, host) } as Record<
      string,
      (input: unknown, context: CallContext) => Promise<unknown>
    >),
  );
  return {
    async handle(method, input, context) {
      const definition = requestOf(method);
      if (!definition) throw unknown('method', method);
      const parsed = parseInput(method, definition.in, input);
      const here = local.get(method);
      const answer = here
        ? here(parsed, context)
        : client.request(method as 'app.status', parsed as Record<string, never>, { signal: context.signal });
      return parseOutput(method, definition.out, await answer);
    },
    open(name, input, context) {
      const definition = streamOf(name);
      if (!definition) throw unknown('stream', name);
      const parsed = parseInput(name, definition.in, input);
      return client.stream(name as 'workloads.watch', parsed as { projectId: string }, {
        signal: context.signal,
      });
    },
    onEvent(listener) {
      const stops = (Object.keys(events) as EventName[]).map(name =>
        client.on(name, payload => {
          const parsed = events[name].payload.safeParse(payload);
          if (parsed.success) listener(name, parsed.data);
        }),
      );
      return () => stops.forEach(stop => stop());
    },
    onReset(listener) {
      return client.onConnection(connected => {
        if (!connected) listener();
      });
    },
  };
}

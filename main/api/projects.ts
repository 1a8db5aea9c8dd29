import type { ApiEngine, Handlers, Host } from './handler.ts';

export const projects = (
  engine: ApiEngine,
): Omit<Handlers<'projects'>, keyof ReturnType<typeof folders>> => ({
  'projects.list': input => engine.projects.list(input),
  'projects.get': input => engine.projects.get(input),
  'projects.open': input => engine.projects.open(input),
  'projects.accept': input => engine.projects.accept(input),
  'projects.remove': input => engine.projects.remove(input),
  'projects.locate': input => engine.projects.locate(input),
  'projects.browse': input => engine.projects.browse(input),
});

/** The native dialog belongs to the window's own process, whoever runs the engine. */
export const folders = (host: Host): Pick<Handlers<'projects'>, 'projects.chooseFolder'> => ({
  'projects.chooseFolder': async (_input, { windowId }) => ({ path: await host.chooseFolder(windowId) }),
});

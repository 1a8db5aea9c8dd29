export { buildImage } from './build-image.ts';
export type { BuildOptions } from './build-image.ts';
export { checkFrontend } from './check-frontend.ts';
export { imageLabels, labels } from './labels.ts';
export { listBuilt } from './list-built.ts';
export { replayBuild } from './replay-build.ts';
export type { BuildStepView, BuildView } from './replay-build.ts';
export type * from './types.ts';

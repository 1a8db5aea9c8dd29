export { decideLoads } from './decide-loads.ts';
export { normaliseReference, repositoryOf } from './image-name.ts';
export { forgetNodeImages } from './kind/forget-images.ts';
export { readImageFacts } from './kind/image-facts.ts';
export { kindTarget } from './kind/kind-target.ts';
export type * from './types.ts';

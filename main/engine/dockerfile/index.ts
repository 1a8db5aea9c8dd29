export type * from './types.ts';
export type { EvaluateOptions, Inherited } from './evaluate.ts';
export type { ContextPath } from './context-tree.ts';
export { PROJECT_SCHEME, inheritedFrom, parseDockerfile } from './parse-dockerfile.ts';
export { readLogicalLines } from './logical-lines.ts';
export { resolveCopyRules } from './copy-rules.ts';
export { containerPath } from './container-path.ts';
export { prepareDockerfile } from './prepare-dockerfile.ts';
export { isImageReference } from './image-reference.ts';

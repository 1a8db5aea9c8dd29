export { toPtahKeys, toPtahYaml } from './config/to-ptah-yaml.ts';
export { buildOutputPath } from './build-output.ts';
export { openProject } from './open-project.ts';
export type { OpenProjectOptions } from './open-project.ts';
/** @public */
export { compilePattern } from './pattern/compile-pattern.ts';
export type { CompiledPattern, PatternMatch } from './pattern/compile-pattern.ts';
export { proposeProject } from './proposal/propose-project.ts';
export { writeProposal } from './proposal/write-proposal.ts';
export { locateDroppedFolder } from './dropped-folder.ts';
export type { DroppedFolder, DroppedFolderPlaces, LocatedFolder } from './dropped-folder.ts';
export { createProjectRegistry } from './project-registry.ts';
export type { ProjectRegistry, RegisteredProject } from './project-registry.ts';
export { findProjectRoot } from './project-root.ts';
export type * from './types.ts';

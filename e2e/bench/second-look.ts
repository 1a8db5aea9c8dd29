// A process that hashes a folder, and then again: prints the hash and how long the second time took.
import { setTimeout as sleep } from 'node:timers/promises';
import { compatibleHash, createContentIndex } from '../../main/engine/content/index.ts';

const folder = process.argv[2] ?? '.';
const index = createContentIndex();
const first = await compatibleHash(folder, { index });
await sleep(100);
const began = performance.now();
const second = await compatibleHash(folder, { index });
const took = performance.now() - began;
if (first.hash !== second.hash) throw new Error('the folder changed');
console.log(`${second.hash} ${took}`);

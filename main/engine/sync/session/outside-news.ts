import type { DesiredTree } from '../types.ts';

const named = 3;

/** Says once of each state of the files outside the rules what needs a rebuild. */
export function createOutsideNews(tell: (image: string, message: string) => void): {
  look(trees: ReadonlyMap<string, Pick<DesiredTree, 'outside'>>): void;
} {
  const told = new Map<string, string>();
  return {
    look(trees) {
      for (const [image, { outside }] of trees) {
        const key = outside.map(({ file }) => file).join('\0');
        if (outside.length > 0 && told.get(image) !== key) {
          const names = outside.slice(0, named).map(({ file }) => file);
          const more = outside.length > named ? ` and ${outside.length - named} more` : '';
          tell(image, `${names.join(', ')}${more}: outside the synced folders, needs a rebuild.`);
        }
        told.set(image, key);
      }
    },
  };
}

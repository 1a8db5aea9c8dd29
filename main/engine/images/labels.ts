/** Labels by which images are known as ours (design: identity). */
export const labels = {
  project: 'ptah-desktop/project',
  digest: 'ptah-desktop/digest',
  image: 'ptah-desktop/image',
} as const;

export function imageLabels(image: {
  readonly project: string;
  readonly digest: string;
  readonly name: string;
}): Readonly<Record<string, string>> {
  return { [labels.project]: image.project, [labels.digest]: image.digest, [labels.image]: image.name };
}

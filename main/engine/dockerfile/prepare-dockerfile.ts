import { PtahError } from '../errors/index.ts';
import { evaluate } from './evaluate.ts';
import type { EvaluateOptions } from './evaluate.ts';
import { imageUses } from './image-uses.ts';
import { readInstructions } from './instructions.ts';
import { PROJECT_SCHEME } from './parse-dockerfile.ts';

/**
 * The Dockerfile that is really built: every image of the project that `FROM`, `COPY --from` or `RUN --mount` names is
 * replaced by its reference, everything else stays byte for byte, so that lines in build errors are those of the file.
 */
export function prepareDockerfile(
  text: string,
  references: ReadonlyMap<string, string>,
  options: EvaluateOptions = {},
): string {
  const file = readInstructions(text);
  let result = '';
  let at = 0;
  for (const use of imageUses(file, evaluate(file, options))) {
    if (!use.image.startsWith(PROJECT_SCHEME)) continue;
    const name = use.image.slice(PROJECT_SCHEME.length);
    const reference = references.get(name);
    if (reference === undefined) {
      const { line, column } = file.source.placeOf(use.start);
      throw new PtahError(
        'unknown-image',
        `The Dockerfile needs ${use.image} in line ${line}, and no image of the project has that name.`,
        {
          hint: 'Check the name; "ptah images" lists the images of the project.',
          details: { line, column },
        },
      );
    }
    // A name that went on over lines stands on one now; the lines after it keep their numbers.
    const lineEnds = text.slice(use.start, use.end).match(/\r?\n/g) ?? [];
    result += text.slice(at, use.start) + reference + lineEnds.map(end => file.escape + end).join('');
    at = use.end;
  }
  return result + text.slice(at);
}

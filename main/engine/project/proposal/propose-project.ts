import { realpathSync } from 'node:fs';
import { PtahError } from '../../errors/index.ts';
import type { Problem } from '../../errors/index.ts';
import { asClusterName } from '../cluster-name.ts';
import { DEFAULTS } from '../config/defaults.ts';
import { imageNameProblems } from '../image-name.ts';
import { findProjectRoot, requireFolder } from '../project-root.ts';
import type { DockerfileMatch, ProjectProposal, ProposedEdit } from '../types.ts';
import { chooseDockerfiles } from './dockerfile-choice.ts';
import { surveyFolder } from './folder-survey.ts';
import type { FolderSurvey, ImageUse, SurveyedManifest, TextSpan } from './folder-survey.ts';
import { matchImages } from './image-matching.ts';
import type { ImageMeaning } from './image-matching.ts';

/** An edit with the place it is made at. */
export interface PlacedEdit extends ProposedEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A proposal as it is made here, with what applying it needs. */
export interface FullProposal extends ProjectProposal {
  readonly edits: readonly PlacedEdit[];
  /** The text that each edited file had. */
  readonly originals: ReadonlyMap<string, string>;
}

/**
 * What would make the folder a project: the text of a `ptah.yml`, the image references to change in the manifests, and why. Reads only.
 */
export async function proposeProject(directory: string): Promise<ProjectProposal> {
  const { root, configText, edits, reasons, problems } = await makeProposal(directory);
  return {
    root,
    configText,
    edits: edits.map(({ file, line, column, before, after, reason }) => ({
      file,
      line,
      column,
      before,
      after,
      reason,
    })),
    reasons,
    problems,
  };
}

/** As `proposeProject`, with the places of the edits. */
export async function makeProposal(directory: string): Promise<FullProposal> {
  const root = realpathSync(requireFolder(directory));
  const existing = findProjectRoot(root);
  if (existing !== null) {
    throw new PtahError('project-exists', `${existing} has a ptah.yml already.`, {
      hint: 'Open that project.',
      details: { file: existing },
    });
  }
  const survey = await surveyFolder(root);
  if (survey.dockerfiles.length === 0 && survey.manifests.length === 0 && !survey.helmfile) {
    throw new PtahError(
      'nothing-to-propose',
      `${root} holds neither a Dockerfile nor a Kubernetes manifest.`,
      {
        hint: 'Open the folder that holds them.',
        details: { file: root },
      },
    );
  }
  const choice = chooseDockerfiles(survey);
  const config = configOf(survey, choice.pattern);
  const images = describeImages(survey, choice.matches);
  return {
    root,
    configText: config.text,
    edits: images.edits,
    originals: new Map(survey.manifests.map(({ file, text }) => [file, text])),
    reasons: [...dockerfileReasons(choice.pattern, choice.matches), ...config.reasons, ...images.reasons],
    problems: [
      ...imageNameProblems(choice.matches),
      ...missingProblems(survey, choice.matches),
      ...images.problems,
    ],
  };
}

function dockerfileReasons(pattern: string, matches: readonly DockerfileMatch[]): string[] {
  const reasons = matches.map(({ name, dockerfile, context }) => {
    const called =
      context === '.' && /^dockerfile$/i.test(dockerfile) ? 'after the project’s folder' : 'after its place';
    return `“${dockerfile}” builds the image “${name}”, called ${called}.`;
  });
  if (pattern !== DEFAULTS.dockerfiles)
    reasons.push(
      '“dockerfiles” is set because the default pattern would not find these Dockerfiles under these names.',
    );
  return reasons;
}

function configOf(
  survey: FolderSurvey,
  pattern: string,
): { readonly text: string; readonly reasons: readonly string[] } {
  const reasons: string[] = [];
  const lines: string[] = [];
  if (!/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/.test(survey.rootName)) {
    lines.push(`name: ${asClusterName(survey.rootName)}`);
    reasons.push(
      `The project is called “${asClusterName(survey.rootName)}”, as “${survey.rootName}” can’t label objects in the cluster.`,
    );
  }
  const [kindConfig] = survey.kindConfigs;
  lines.push('kind:');
  if (kindConfig === undefined || kindConfig.name === null) {
    lines.push(`  name: ${quoted(asClusterName(survey.rootName))}`);
    reasons.push(`The Kind cluster is called “${asClusterName(survey.rootName)}”, after the folder.`);
  }
  if (kindConfig !== undefined) {
    lines.push(`  config: ${quoted(kindConfig.file)}`);
    reasons.push(
      `“${kindConfig.file}” is the configuration of the Kind cluster${kindConfig.name === null ? '' : ` “${kindConfig.name}”`}.`,
    );
  }
  if (pattern !== DEFAULTS.dockerfiles) lines.push(`dockerfiles: ${quoted(pattern)}`);
  if (survey.manifests.some(({ file }) => !file.endsWith('.yaml'))) {
    const endings = survey.manifests.some(({ file }) => /\.json$/i.test(file))
      ? String.raw`(?:ya?ml|json)`
      : 'ya?ml';
    lines.push(
      `manifests: ${quoted(String.raw`(?i)^(?!helmfile|ptah\.yml$|package(?:-lock)?\.json$).*\.${endings}$`)}`,
    );
    reasons.push(
      '“manifests” is set because some manifests do not end in “.yaml”, which is all that the default finds.',
    );
  }
  if (survey.helmfile) reasons.push('“helmfile.yaml” is synced with every deploy.');
  return { text: `${lines.join('\n')}\n`, reasons };
}

function quoted(text: string): string {
  return /^[A-Za-z][\w./-]*$/.test(text) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text)
    ? text
    : `'${text.replaceAll("'", "''")}'`;
}

function missingProblems(survey: FolderSurvey, matches: readonly DockerfileMatch[]): Problem[] {
  const problems: Problem[] = [];
  const missed = survey.dockerfiles.filter(path => !matches.some(({ dockerfile }) => dockerfile === path));
  for (const file of missed) {
    problems.push({
      code: 'dockerfile-not-included',
      severity: 'warning',
      message: 'This Dockerfile is left out: no single pattern gives it a name of its own.',
      hint: 'Change “dockerfiles” if it builds an image of the project.',
      file,
    });
  }
  if (survey.manifests.length === 0 && !survey.helmfile) {
    problems.push({
      code: 'no-manifests',
      severity: 'warning',
      message: 'There are no Kubernetes manifests here, so there is nothing to deploy yet.',
      hint: 'Write a manifest whose image is “ptah://NAME”.',
    });
  }
  return problems;
}

interface DescribedImages {
  readonly edits: readonly PlacedEdit[];
  readonly reasons: readonly string[];
  readonly problems: readonly Problem[];
}

function describeImages(survey: FolderSurvey, dockerfiles: readonly DockerfileMatch[]): DescribedImages {
  const edits: PlacedEdit[] = [];
  const reasons = new Set<string>();
  const problems: Problem[] = [];
  const meanings = matchImages(
    survey.manifests.flatMap(({ images }) => images),
    dockerfiles,
  );
  for (const manifest of survey.manifests) {
    for (const use of manifest.images) {
      const meaning = meanings.get(use);
      if (meaning === undefined) continue;
      reasons.add(reasonFor(use, meaning));
      if (meaning.kind === 'unclear') problems.push(unclear(manifest, use, meaning.why));
      if (meaning.kind === 'ours')
        edits.push(edit(manifest, 'image', use.image, use.span, `ptah://${meaning.name}`, meaning.why));
      if (
        (meaning.kind === 'ours' || meaning.kind === 'already') &&
        use.pullPolicy === 'Always' &&
        use.pullPolicySpan !== null
      ) {
        edits.push(
          edit(
            manifest,
            'imagePullPolicy',
            'Always',
            use.pullPolicySpan,
            'IfNotPresent',
            'the image is loaded into the nodes; there is nowhere to pull it from',
          ),
        );
      }
    }
  }
  return { edits, reasons: [...reasons], problems };
}

function edit(
  manifest: SurveyedManifest,
  key: string,
  before: string,
  span: TextSpan,
  after: string,
  reason: string,
): PlacedEdit {
  return {
    file: manifest.file,
    line: span.line,
    column: span.column,
    before: `${key}: ${before}`,
    after: `${key}: ${after}`,
    reason: `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`,
    start: span.start,
    end: span.end,
    text: after,
  };
}

function reasonFor(use: ImageUse, meaning: ImageMeaning): string {
  switch (meaning.kind) {
    case 'ours': {
      const stays =
        use.pullPolicy === 'Never'
          ? ' “imagePullPolicy: Never” stays: the image is loaded into the nodes, never pulled.'
          : '';
      return `“${use.image}” becomes “ptah://${meaning.name}”: ${meaning.why}.${stays}`;
    }
    case 'already':
      return `“${use.image}” is a reference to the project’s image already.`;
    case 'foreign':
    case 'unclear':
    default:
      return `“${use.image}” stays as it is: ${meaning.why}.`;
  }
}

function unclear(manifest: SurveyedManifest, use: ImageUse, why: string): Problem {
  return {
    code: 'image-unclear',
    severity: 'warning',
    message: `It is not clear what builds “${use.image}”: ${why}.`,
    hint: 'If an image of this project is meant, write “ptah://NAME” there.',
    file: manifest.file,
    line: use.span.line,
    column: use.span.column,
  };
}

import { randomUUID } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { extract } from 'tar-stream';
import { afterAll, describe, expect, it } from 'vitest';
import { listContext } from '../content/index.ts';
import type { ContextEntry } from '../content/index.ts';
import { containerPath } from '../dockerfile/index.ts';
import type { Docker } from '../docker/index.ts';
import { testEngines } from '../docker/testing.ts';
import { buildImage } from './build-image.ts';
import { describeImages } from './describe-images.ts';
import { buildRequest, createTestContext } from './testing.ts';
import type { ImageDescription } from './types.ts';

/** What Docker itself puts into every container. */
const OF_DOCKER = /^\/(?:dev|etc|proc|sys|\.dockerenv)(?:\/|$)/;

const FILES = {
  f: 'f',
  g: 'g',
  'a b': 'space',
  'arr[0].txt': 'brackets',
  'x.md': 'x',
  'd/one': '1',
  'd/x.md': 'x',
  'd/sub/two': '2',
  'd/sub/deep/three': '3',
  'e/one': 'other',
  'hidden/secret': 'no',
  'hidden/shown': 'yes',
  link: { link: 'f' },
  dlink: { link: 'd' },
  abs: { link: '/d/sub' },
  '.dockerignore': 'busybox\nhidden/*\n!hidden/shown\n',
} as const;

interface Case {
  readonly text: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly target?: string;
}

const DOCKERFILES: readonly Case[] = [
  { text: 'FROM scratch\nCOPY . /app\n' },
  { text: 'FROM scratch\nWORKDIR /app\nCOPY f g ./\nCOPY d d\n' },
  { text: 'FROM scratch\nWORKDIR /app\nCOPY f /app\nCOPY g /app/\n' },
  { text: 'FROM scratch\nWORKDIR /app/x\nCOPY f ..\n' },
  { text: 'FROM scratch\nCOPY f /srv/run\n' },
  { text: 'FROM scratch\nCOPY d /x\nCOPY f /x/sub\nCOPY g /x/sub/deep/\n' },
  { text: 'FROM scratch\nCOPY d /x\nCOPY e /x\n' },
  { text: 'FROM scratch\nCOPY e /x\nCOPY d/one /x/one\nCOPY e /y\n' },
  { text: 'FROM scratch\nCOPY * /x/\n' },
  { text: 'FROM scratch\nCOPY */* /x/\n' },
  { text: 'FROM scratch\nCOPY ** /x/\n' },
  { text: 'FROM scratch\nCOPY nope* f /x/\n' },
  { text: 'FROM scratch\nCOPY [fg] ?.md /x/\n' },
  { text: 'FROM scratch\nCOPY d/[^o]* /x/\n' },
  { text: 'FROM scratch\nCOPY arr[[]0].txt /x/\n' },
  { text: 'FROM scratch\nCOPY hidden /h\n' },
  { text: 'FROM scratch\nCOPY link dlink/one abs/two /y/\nCOPY dlink /z\n' },
  { text: 'FROM scratch\nCOPY ../f /d/. /x/\n' },
  { text: 'FROM scratch\nCOPY f /x/y/../z\n' },
  { text: 'FROM scratch\nCOPY ["a b", "f", "/q w/"]\n' },
  { text: 'FROM scratch\nCOPY "f" \'/x/\'\n' },
  { text: 'FROM scratch\nADD d g /x/\n' },
  { text: 'FROM scratch\nADD f //x//y\n' },
  { text: '# escape=`\nFROM scratch\nCOPY f `\n  # comment\n\n  g /x/\n' },
  { text: 'FROM scratch\nENV A=1\nENV A=2 B=$A\nCOPY f /$B/${A}/${C:-c}/${A:+set}/\n' },
  { text: 'FROM scratch\nENV A=x\nARG A=y\nCOPY f /$A/\n' },
  { text: 'FROM scratch\nENV A b  c\nCOPY f "/$A/"\n' },
  { text: 'ARG V=9\nFROM scratch\nCOPY f /a$V/\nARG V\nCOPY g /a$V/\n' },
  { text: 'ARG V\nFROM scratch\nARG V=8 W\nCOPY f /a$V$W/\n', args: { V: '1', W: '2' } },
  { text: 'FROM scratch\nARG TARGETARCH\nARG TARGETOS\nCOPY f /$TARGETOS$TARGETARCH/\n' },
  {
    text: 'FROM scratch AS p\nWORKDIR /w\nARG Q=1\nENV R=2\nCOPY g .\nFROM scratch AS other\nCOPY d /d\nFROM p\nCOPY f ./$Q$R/\n',
  },
  { text: 'FROM scratch AS one\nCOPY f /one\nFROM scratch AS two\nCOPY g /two\n', target: 'ONE' },
];

describe.each(testEngines())('copy rules on $host', ({ docker, network }) => {
  const references: string[] = [];
  afterAll(async () => {
    for (const reference of references) await docker.removeImage(reference, { force: true });
  });

  it.each(DOCKERFILES.map(each => ({ ...each, title: JSON.stringify(each.text) })))(
    'say what is in the image: $title',
    async ({ text, args = {}, target = null }) => {
      const context = createTestContext({ ...FILES, Dockerfile: text });
      try {
        const image = await describeOne(context.dir, args, target);
        expect(image.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        const reference = `describe-test/${randomUUID()}:1`;
        references.push(reference);
        await buildImage(docker, buildRequest(context, text, { reference, network, args, target }), {
          methods: ['buildkit'],
        });
        const { entries } = await listContext({ root: context.dir });
        expect(await filesOf(docker, reference)).toEqual(filesByRules(image, entries, context.dir));
      } finally {
        context.remove();
      }
    },
  );
});

async function describeOne(
  root: string,
  args: Readonly<Record<string, string>>,
  target: string | null,
): Promise<ImageDescription> {
  const [image] = await describeImages({
    root,
    dockerfiles: [{ name: 'api', dockerfile: 'Dockerfile', context: '.' }],
    config: { buildOutput: '.build', tagAlgorithm: 'md5', images: { api: { args, target, network: null } } },
  });
  if (image === undefined) throw new Error('no image was described');
  return image;
}

/** What the rules alone say: each file of the context at its place, later rules over earlier ones. */
function filesByRules(
  { copies }: ImageDescription,
  entries: readonly ContextEntry[],
  root: string,
): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const rule of copies) {
    // A link is followed when it is the source itself or leads to it; an absolute one starts at the context.
    const [head = '', ...rest] = rule.source.split('/');
    const link = entries.find(({ path, type }) => path === head && type === 'symlink');
    const from = [link === undefined ? head : link.content.replace(/^\//, ''), ...rest].join('/');
    if (statSync(join(root, from)).isFile()) {
      files[rule.target] = readFileSync(join(root, from), 'utf8');
      continue;
    }
    for (const { path, type, content } of entries) {
      if (type === 'directory' || (from !== '.' && !path.startsWith(`${from}/`))) continue;
      const at = containerPath([{ ...rule, source: from }], path);
      expect(at).not.toBeNull();
      files[at ?? ''] = type === 'symlink' ? `-> ${content}` : readFileSync(join(root, path), 'utf8');
    }
  }
  return files;
}

/** The files of an image, by exporting a container that never runs. */
async function filesOf(docker: Docker, reference: string): Promise<Readonly<Record<string, string>>> {
  const created = await docker.stream({
    method: 'POST',
    path: '/containers/create',
    headers: { 'Content-Type': 'application/json' },
    body: Buffer.from(JSON.stringify({ Image: reference, Cmd: ['x'] })),
  });
  const { Id: id } = (await json(created.body)) as { readonly Id: string };
  try {
    const { body } = await docker.stream({ method: 'GET', path: `/containers/${id}/export` });
    const files: Record<string, string> = {};
    const archive = extract();
    body.pipe(archive);
    for await (const entry of archive) {
      const path = posix.join('/', entry.header.name);
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(Buffer.from(chunk as Uint8Array));
      if (entry.header.type === 'directory' || OF_DOCKER.test(path)) continue;
      files[path] =
        entry.header.type === 'symlink'
          ? `-> ${entry.header.linkname ?? ''}`
          : Buffer.concat(chunks).toString('utf8');
    }
    return files;
  } finally {
    await docker.stream({ method: 'DELETE', path: `/containers/${id}?force=1` });
  }
}

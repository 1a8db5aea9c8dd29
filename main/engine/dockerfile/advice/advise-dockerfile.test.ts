import { describe, expect, it } from 'vitest';
import { adviseDockerfile } from './advise-dockerfile.ts';

const advice = (text: string, files?: readonly string[]): readonly string[] =>
  adviseDockerfile(text, { files }).map(({ code, line }) => `${line} ${code}`);

const python = ['pyproject.toml', 'uv.lock', 'requirements.txt', 'main.py', 'Dockerfile'];
const node = ['package.json', 'package-lock.json', 'src/index.ts', 'Dockerfile'];

describe('dependencies before code', () => {
  it('is said with the line, why, and the lines as they could be', () => {
    const text =
      'FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nRUN pip install --no-cache-dir -r requirements.txt\nCMD ["python", "main.py"]\n';
    expect(adviseDockerfile(text, { files: python })).toEqual([
      {
        code: 'dependencies-before-code',
        line: 4,
        message: 'Install the dependencies before the code comes in on line 3.',
        why: '`COPY . .` changes with every edit, and everything below it is made anew then: `pip install` fetches all dependencies again although none changed.',
        suggestion: 'COPY requirements.txt ./\nRUN pip install --no-cache-dir -r requirements.txt\nCOPY . .',
      },
    ]);
  });

  it.each([
    [
      'uv',
      'COPY . .\nRUN uv sync --frozen',
      'COPY pyproject.toml uv.lock ./\nRUN uv sync --frozen --no-install-project\nCOPY . .',
    ],
    [
      'npm',
      'COPY . /app\nRUN cd /app && npm ci',
      'COPY package-lock.json package.json ./\nRUN npm ci\nCOPY . /app',
    ],
    [
      'a folder of code',
      'COPY package.json ./\nCOPY src ./src\nRUN npm install',
      'COPY package-lock.json package.json ./\nRUN npm install\nCOPY src ./src',
    ],
    ['python -m pip', 'ADD . /code/\nRUN python3 -m pip install -r /code/requirements.txt', null],
    ['a mount for the cache alone', 'COPY . .\nRUN --mount=type=cache,target=/root/.cache uv sync', null],
    ['a here-document', 'COPY . .\nRUN <<EOF\nset -e\nnpm ci\nnpm run build\nEOF', null],
    ['the JSON form', 'COPY . .\nRUN ["npm", "ci"]', null],
    ['the rest of a chain', 'COPY . .\nRUN npm ci && npm run build && npm prune', null],
  ])('knows %s', (_name, lines, suggestion) => {
    const files = [...python, ...node];
    const [first, ...more] = adviseDockerfile(`FROM base:1\n${lines}\n`, { files });
    expect(first?.code).toBe('dependencies-before-code');
    expect(more).toEqual([]);
    if (suggestion !== null) expect(first?.suggestion).toBe(suggestion);
  });

  it('names manifests by where they lie', () => {
    const text = 'FROM node:22\nWORKDIR /app\nCOPY . .\nWORKDIR /app/web\nRUN npm ci\n';
    const [first] = adviseDockerfile(text, { files: ['web/package.json', 'web/package-lock.json'] });
    expect(first?.suggestion).toContain('COPY web/package-lock.json web/package.json ./');
  });

  it('is a build of Go where modules are listed', () => {
    const text = 'FROM golang:1\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /bin/app .\n';
    expect(advice(text, ['go.mod', 'go.sum', 'main.go'])).toEqual(['3 dependencies-before-code']);
    expect(advice(text, ['go.mod', 'main.go'])).toEqual([]);
    expect(advice(text)).toEqual([]);
  });

  it('follows a stage into those that are FROM it', () => {
    const before =
      'FROM node:22 AS base\nCOPY package.json package-lock.json ./\nRUN npm ci\nFROM base\nCOPY . .\nRUN npm ci --omit=dev\n';
    const after = 'FROM node:22 AS base\nCOPY . .\nFROM base\nRUN npm ci\n';
    expect(advice(before, node)).toEqual([]);
    expect(advice(after, node)).toEqual(['4 dependencies-before-code']);
  });
});

/** Files as they are found in the world, each fine as it is. */
const fine: Readonly<Record<string, string>> = {
  'a service with uv': `FROM python:3.13-slim
COPY --from=ghcr.io/astral-sh/uv:latest /uv /uvx /bin/
WORKDIR /app
# Install dependencies first (cached layer)
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-install-project
# Copy application code
COPY . .
RUN uv sync --frozen
CMD ["uv", "run", "uvicorn", "app:app"]
`,
  'uv with mounts': `FROM python:3.13
WORKDIR /app
RUN --mount=type=cache,target=/root/.cache/uv \\
    --mount=type=bind,source=uv.lock,target=uv.lock \\
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \\
    uv sync --locked --no-install-project --no-dev
ADD . /app
RUN --mount=type=cache,target=/root/.cache/uv uv sync --locked --no-dev
`,
  'Node in two stages': `FROM node:22-alpine AS build
WORKDIR /app
COPY package*.json ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:22-alpine
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
CMD ["node", "dist/main.js"]
`,
  'an ORM whose schema an install needs': `FROM node:22
COPY package.json package-lock.json ./
COPY prisma ./prisma/
COPY patches/ patches/
RUN npm ci
COPY . .
RUN npx prisma generate && npm run build
`,
  'a workspace of packages': `FROM node:22
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY packages/a/package.json packages/a/
COPY packages/b/package.json packages/b/package.json
RUN corepack enable && pnpm install --frozen-lockfile
COPY . .
RUN pnpm -r build
`,
  'Go by the book': `# syntax=docker/dockerfile:1
FROM golang:1.25 AS build
WORKDIR /src
COPY go.* .
RUN go mod download && go mod verify
COPY . .
RUN CGO_ENABLED=0 go build -o /out/app ./cmd/app
FROM scratch
COPY --from=build /out/app /app
ENTRYPOINT ["/app"]
`,
  'vendored Go': `FROM golang:1.25
COPY . .
RUN go build -mod=vendor -o /app .
`,
  '.NET': `FROM mcr.example/dotnet/sdk:9.0 AS build
WORKDIR /src
COPY ["Web/Web.csproj", "Web/"]
COPY *.sln .
RUN dotnet restore "Web/Web.csproj"
COPY . .
RUN dotnet publish -c Release -o /out
`,
  'Maven, offline first': `FROM maven:3-eclipse-temurin-21
COPY pom.xml .
COPY .mvn .mvn
RUN mvn -B dependency:go-offline
COPY src ./src
RUN mvn -B package -DskipTests
`,
  Gems: `FROM ruby:3.4
RUN apt-get update && apt-get install -y --no-install-recommends libpq-dev && rm -rf /var/lib/apt/lists/*
COPY Gemfile Gemfile.lock ./
RUN bundle config set without development && bundle install
COPY . .
RUN bundle exec rake assets:precompile
`,
  'the project itself is what is installed': `FROM python:3.13
COPY . /src
RUN pip install /src
RUN pip install --no-deps -e .
RUN pip install .[test]
`,
  'packages that the folder names': `FROM debian:13
COPY . /src
RUN apt-get update && apt-get install -y $(cat /src/packages.txt)
RUN apt-get update && apt-get install -y ./src/tool.deb
RUN npm install -g ./tool
`,
  'a build that brings its tools and takes them away': `FROM alpine:3
COPY . /src
RUN apk add --no-cache --virtual .build gcc musl-dev && make -C /src install && apk del .build
`,
  'certificates and sources before packages': `FROM debian:13
COPY certs/ /usr/local/share/ca-certificates/
COPY docker-entrypoint.sh /usr/local/bin/
COPY apt/ /etc/apt/
RUN apt-get update && apt-get install -y curl && update-ca-certificates
`,
  'a file made from nothing': `FROM node:22
COPY <<EOF /app/main.js
console.log(1)
EOF
RUN npm install -g http-server
`,
  'nothing but a program': 'FROM scratch\nCOPY app /app\nENTRYPOINT ["/app"]\n',
  'arguments that do not change': `FROM python:3.13
ARG PYTHON_SHA256=abc
ARG NODE_VERSION=22
ARG TOOL_COMMIT=4f1c2d3
RUN apt-get update && apt-get install -y curl
`,
  'an argument that the install needs': `FROM python:3.13
ARG GIT_COMMIT
RUN pip install tool==1.0+$GIT_COMMIT
`,
  'not a Dockerfile': 'this is\nno Dockerfile <<',
  nothing: '',
};

describe('nothing is said about', () => {
  it.each(Object.entries(fine))('%s', (_name, text) => {
    expect(adviseDockerfile(text)).toEqual([]);
    expect(
      adviseDockerfile(text, { files: [...python, ...node, 'go.mod', 'go.sum', 'pom.xml', 'src/x'] }),
    ).toEqual([]);
  });

  it('dependencies that are listed nowhere', () => {
    expect(advice('FROM node:22\nCOPY . .\nRUN npm ci\n', ['index.html'])).toEqual([]);
  });
});

describe('packages before code', () => {
  it.each([
    'apt-get update && apt-get install -y --no-install-recommends curl git && rm -rf /var/lib/apt/lists/*',
    'apk add --no-cache curl',
    'set -eux; apt-get update; apt-get install -y curl',
    'pip install "flask>=3" gunicorn',
    'npm install -g typescript',
    'go install example.org/tool@v1.2.3',
  ])('%s', command => {
    expect(advice(`FROM base:1\nCOPY . .\nRUN ${command}\n`)).toEqual(['3 packages-before-code']);
    expect(advice(`FROM base:1\nRUN ${command}\nCOPY . .\n`)).toEqual([]);
  });
});

describe('other advice', () => {
  it('joins the lists with the install', () => {
    expect(advice('FROM debian:13\nRUN apt-get update\nRUN apt-get install -y curl\n')).toEqual([
      '2 lists-alone',
    ]);
    expect(
      advice('FROM debian:13\nRUN apt-get update\nRUN apt-get update && apt-get install -y curl\n'),
    ).toEqual([]);
  });

  it('moves what differs in each build below what takes long', () => {
    const text =
      'FROM node:22\nARG GIT_COMMIT=unknown\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\nLABEL commit=$GIT_COMMIT\n';
    expect(advice(text)).toEqual(['2 changing-argument']);
    expect(advice('FROM node:22\nRUN npm ci\nARG BUILD_DATE\nLABEL date=$BUILD_DATE\n')).toEqual([]);
  });

  it('names what is not ignored', () => {
    const text = 'FROM node:22\nCOPY . .\n';
    const [first] = adviseDockerfile(text, {
      files: ['.git/HEAD', 'node_modules/a/package.json', 'a/__pycache__/x.pyc'],
    });
    expect(first).toMatchObject({
      code: 'context-not-ignored',
      line: 2,
      suggestion: '.git\nnode_modules\n**/__pycache__',
    });
    expect(advice(text, ['index.js', '.gitignore'])).toEqual([]);
    expect(advice('FROM node:22\nCOPY index.js .\n', ['.git/HEAD', 'index.js'])).toEqual([]);
  });
});

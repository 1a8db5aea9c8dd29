// Who may import whom. docs/architecture.md draws the same rules; `npm run boundaries` enforces them.
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'engine-is-plain-node',
      comment: 'The engine is reachable without a window: no Electron, no host, no renderer, no contract.',
      severity: 'error',
      from: { path: '^main/engine' },
      to: { path: '^(main/(api|hosts)|renderer|preload)|^electron$|node_modules/electron/' },
    },
    {
      name: 'rooms-have-one-door',
      comment:
        'Another domain of the engine is entered through its index.ts (or its testing.ts from a test or a testing.ts).',
      severity: 'error',
      from: { path: '^main/engine/([^/]+)/', pathNot: ['\\.(test|spec)\\.tsx?$', '/testing\\.ts$'] },
      to: { path: '^main/engine/[^/]+/', pathNot: ['^main/engine/$1/', '^main/engine/[^/]+/index\\.ts$'] },
    },
    {
      name: 'api-and-hosts-use-doors',
      severity: 'error',
      from: { path: '^main/(api|hosts)', pathNot: '\\.(test|spec)\\.tsx?$' },
      to: { path: '^main/engine/[^/]+/', pathNot: '^main/engine/[^/]+/index\\.ts$' },
    },
    {
      name: 'contract-is-a-leaf',
      severity: 'error',
      from: { path: '^preload/contract' },
      to: { path: '^(main|renderer|preload/(?!contract))|^node:' },
    },
    {
      name: 'renderer-sees-only-the-contract',
      severity: 'error',
      from: { path: '^renderer' },
      to: { path: '^(main|e2e|scripts)|^preload/(?!contract)' },
    },
    {
      name: 'renderer-has-no-node',
      severity: 'error',
      from: { path: '^renderer', pathNot: '\\.(test|spec)\\.tsx?$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'only-the-electron-host-knows-electron',
      severity: 'error',
      from: { pathNot: '^(main/hosts/electron|preload)' },
      to: { path: '^electron$|node_modules/electron/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};

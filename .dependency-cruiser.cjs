// The arrows between the folders (docs/ARCHITECTURE.md). A folder may import itself and what its row names; nothing else.
/** @type {Record<string, string[]>} */
const arrows = {
  protocol: [],
  core: ['protocol'],
  helper: ['protocol', 'core/packet', 'core/flow'],
  service: ['protocol', 'core'],
  cli: ['protocol', 'service'],
  electron: ['protocol', 'service'],
  portable: [],
  renderer: ['protocol'],
};

const folders = [...Object.keys(arrows), 'build', 'test'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(arrows).map(([folder, allowed]) => ({
      name: `${folder}-imports-${allowed.length === 0 ? 'nothing-of-ours' : `only-${allowed.join('-and-').replaceAll('/', '-')}`}`,
      comment: `${folder}/ may import ${allowed.join(', ') || 'nothing of ours'}; see docs/ARCHITECTURE.md.`,
      severity: /** @type {const} */ ('error'),
      from: { path: `^${folder}/` },
      to: { path: `^(${folders.join('|')})/`, pathNot: `^(${[folder, ...allowed].join('|')})/` },
    })),
    {
      name: 'core-and-protocol-are-pure',
      comment: 'core/ and protocol/ run anywhere: no Node modules, no DOM. Edges come in as arguments.',
      severity: 'error',
      from: { path: '^(core|protocol)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one file, or a third is missing.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nothing reaches is dead.',
      severity: 'error',
      // What index.html of the page names is reached by the browser.
      from: { orphan: true, pathNot: ['\\.test\\.ts$', '^test/', '\\.d\\.ts$', '^renderer/(main|vite\\.config)\\.ts$'] },
      to: {},
    },
    {
      name: 'resolvable',
      comment: 'Every import leads somewhere that package.json names.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'product-code-uses-product-dependencies',
      comment: 'A package that the product runs on stands under dependencies. Types are gone when it runs; Electron is what runs electron/.',
      severity: 'error',
      from: { path: '^(protocol|core|helper|service|cli|electron|portable)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '^node_modules/electron/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // A package of ES modules says only under "exports" where it begins.
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
    exclude: { path: ['^helper/native/out/', '^renderer/out/'] },
  },
};

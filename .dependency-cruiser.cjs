// The arrows of ARCHITECTURE.md: ui → store → worker → lab → history → scenario → engine; cli → lab → history → scenario → engine.
// `npm run arrows` reports every import that runs against them. A test may import anything.

/** A test, or the bench that tests share. */
const TEST = '(\\.test\\.tsx?|/testing/.*)$';

/** Each room, and the rooms to its right that it may import. */
const rooms = {
  engine: [],
  scenario: ['engine'],
  history: ['scenario', 'engine'],
  lab: ['history', 'scenario', 'engine'],
  worker: ['lab', 'history', 'scenario', 'engine'],
  store: ['worker', 'lab', 'history', 'scenario', 'engine'],
  ui: ['store', 'worker', 'lab', 'history', 'scenario', 'engine'],
  cli: ['lab', 'history', 'scenario', 'engine'],
  bench: ['cli', 'ui', 'store', 'worker', 'lab', 'history', 'scenario', 'engine'],
};

/** Inside the engine: each room may import those before it; rooms of one line are neighbours and do not know each other. */
const engineOrder = [
  ['core'],
  ['memory'],
  ['rmp'],
  ['cpu'],
  ['asp'],
  ['xen'],
  ['device', 'physical'],
  ['guest'],
  ['toolstack', 'pv'],
  ['owner'],
  ['properties'],
];
const engineRooms = engineOrder.flat();
/** The composition: these files, and no others beside the rooms, see all of them. */
const COMPOSITION = '^src/engine/[^/]+\\.ts$';

/** @param {string[]} names */
const either = (names) => `(${names.join('|')})`;

const roomRules = Object.entries(rooms).map(([room, right]) => ({
  name: `${room}-imports-only-to-its-right`,
  comment: `src/${room} may import from itself${right.map((name) => `, src/${name}`).join('')}.`,
  severity: 'error',
  from: { path: `^src/${room}/`, pathNot: TEST },
  to: { path: '^src/', pathNot: `^src/${either([room, ...right])}/` },
}));

const engineRules = engineOrder.flatMap((line, index) =>
  line.map((room) => ({
    name: `engine-${room}-order`,
    comment: `src/engine/${room} may import from itself and from the rooms before it: ${engineOrder.slice(0, index).flat().join(', ') || 'none'}. The composition (src/engine/*.ts) imports the rooms, never the other way round.`,
    severity: 'error',
    from: { path: `^src/engine/${room}/`, pathNot: TEST },
    to: {
      path: '^src/engine/',
      pathNot: `^src/engine/${either([room, ...engineOrder.slice(0, index).flat()])}/`,
    },
  })),
);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...roomRules,
    ...engineRules,
    {
      name: 'known-rooms-only',
      comment: 'A new folder under src/ or src/engine/ has no arrows yet: give it its place in this file.',
      severity: 'error',
      from: {
        path: ['^src/[^/]+/', '^src/engine/[^/]+/'],
        pathNot: [
          `^src/${either(Object.keys(rooms).filter((room) => room !== 'engine'))}/`,
          // Test benches see the whole engine, as the composition does.
          `^src/engine/(${either([...engineRooms, 'testing'])}/|[^/]+$)`,
        ],
      },
      to: {},
    },
    {
      name: 'entry-draws-the-ui',
      comment: 'src/main.tsx may import from ui, store and worker; it has no engine of its own.',
      severity: 'error',
      from: { path: '^src/[^/]+\\.tsx?$', pathNot: TEST },
      to: { path: '^src/.+/', pathNot: '^src/(ui|store|worker)/' },
    },
    {
      name: 'nobody-imports-the-entry',
      severity: 'error',
      from: { path: '^src/.+/', pathNot: TEST },
      to: { path: '^src/[^/]+\\.tsx?$', pathNot: '\\.d\\.ts$' },
    },
    {
      name: 'ui-runs-no-engine',
      comment:
        'A view may use src/engine/core, any *types.ts and types; the rest of the engine runs in the worker.',
      severity: 'error',
      from: { path: '^src/ui/', pathNot: TEST },
      to: {
        path: '^src/engine/',
        pathNot: ['^src/engine/core/', 'types\\.ts$'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'engine-composition',
      comment:
        'Only machine.ts, actions.ts, rules.ts and index.ts may see all rooms; another file beside them may use core.',
      severity: 'error',
      from: { path: '^src/engine/[^/]+$', pathNot: [COMPOSITION, TEST] },
      to: { path: '^src/engine/[^/]+/', pathNot: '^src/engine/core/' },
    },
    {
      name: 'engine-packages',
      comment: 'The engine uses the ciphers, the hashes and the schemas, and nothing else from npm.',
      severity: 'error',
      from: { path: '^src/engine/', pathNot: TEST },
      to: { path: 'node_modules/', pathNot: 'node_modules/(@noble/[^/]+|zod)/' },
    },
    {
      name: 'no-node-in-the-browser',
      comment: 'Only the command line, the benches and the tests run in Node alone.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(cli|bench)/', TEST] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-circle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^virtual:' },
    },
    {
      name: 'no-test-in-the-product',
      severity: 'error',
      from: { path: '^src/', pathNot: [TEST, '^src/bench/'] },
      to: { path: TEST },
    },
    {
      name: 'no-dev-package-in-the-product',
      severity: 'error',
      from: { path: '^src/', pathNot: [TEST, '^src/bench/', '\\.d\\.ts$'] },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/@types/',
      },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'browser', 'module', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.d.ts', '.mjs', '.js', '.json'],
    },
  },
};

// Every rule is seen to fail in test/system/guards/imports.test.ts: a new rule needs a seed there.
const ours =
  '^(activities|api|bench|certify|cli|client|domain|examples|plan|scripts|simulators|temporal|test|vendors|worker|workflows)/';
const notShipped = '^(bench|examples|scripts|test)/';
const vendorSdks = 'node_modules/(@aws-sdk|@smithy|@azure|ali-oss|@volcengine)/';

/** A folder that sees these of our own paths and no others. */
const seesOnly = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: ours, pathNot: allowed },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Files that need each other, if only by type, are one file or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that resolves to nothing escapes every other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'domain-is-pure',
      comment: 'The words everyone may use: no clock, no network, no library.',
      severity: 'error',
      from: { path: '^domain/' },
      to: { pathNot: '^domain/' },
    },
    {
      name: 'workflows-are-sandboxed',
      comment: 'The bundler takes in whatever is imported, and a type import drags its world into the type check.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        pathNot: '^workflows/|^domain/|^activities/contract\\.ts$|node_modules/@temporalio/(workflow|common)/',
      },
    },
    {
      name: 'plan-reads-manifests',
      comment: 'Plans are checked in callers too: zod, the words and the manifests, never a driver.',
      severity: 'error',
      from: { path: '^plan/' },
      to: { pathNot: '^plan/|^domain/|^vendors/(registry|manifest)\\.ts$|node_modules/zod/' },
    },
    seesOnly(
      'activities-see-vendors-through-the-port',
      '^activities/',
      '^(activities|domain|plan)/|^vendors/(addresses|driver|call|http|manifest|pages|under-way)\\.ts$',
      'Which vendor it is, only the worker knows.',
    ),
    {
      name: 'vendors-only-through-registry',
      comment: 'A file that names a vendor folder must change for each new vendor.',
      severity: 'error',
      from: { pathNot: '^vendors/[^/]+/|^vendors/registry\\.ts$|^(bench|test)/' },
      to: { path: '^vendors/[^/]+/' },
    },
    {
      name: 'registry-lists-manifests',
      comment: 'Manifests are light and load their driver when it is needed.',
      severity: 'error',
      from: { path: '^vendors/registry\\.ts$' },
      to: { path: '^vendors/[^/]+/', pathNot: '^vendors/[^/]+/index\\.ts$' },
    },
    {
      name: 'vendors-know-no-other',
      comment: 'What two vendors share belongs beside the port.',
      severity: 'error',
      from: { path: '^vendors/([^/]+)/' },
      to: { path: '^vendors/[^/]+/', pathNot: '^vendors/$1/' },
    },
    seesOnly(
      'vendors-stand-on-the-port',
      '^vendors/[^/]+/',
      '^vendors/[^/]+/|^vendors/(account-schema|answer|call|context|driver|http|manifest|naming|pages|parsed|preflight|vendor-clock)\\.ts$|^domain/',
      'A driver knows neither who calls it nor which accounts there are.',
    ),
    seesOnly(
      'port-stands-on-the-domain',
      '^vendors/[^/]+\\.ts$',
      '^vendors/|^domain/',
      'Every layer uses the port, the registry and the accounts, so they use none.',
    ),
    {
      name: 'one-file-touches-the-sdk',
      comment: 'Above sdk.ts everything speaks our words; zod is the language of options.',
      severity: 'error',
      from: {
        path: '^vendors/[^/]+/',
        pathNot: '/(account-|client-|iam-|queue-)?sdk\\.ts$|/(index|options|shapes)\\.ts$',
      },
      to: { path: 'node_modules/' },
    },
    {
      name: 'one-file-touches-the-sdk',
      comment: 'A manifest that imports an SDK loads it in every caller.',
      severity: 'error',
      from: { path: '^vendors/[^/]+/(index|options|shapes)\\.ts$' },
      to: { path: 'node_modules/', pathNot: 'node_modules/zod/' },
    },
    {
      name: 'client-never-sees-vendors',
      comment: 'The client is embedded in other services: it brings neither drivers nor the native worker.',
      severity: 'error',
      from: { path: '^client/' },
      to: {
        pathNot:
          '^(client|domain|plan)/|^workflows/search-attributes\\.ts$|node_modules/(zod|@grpc/grpc-js|@temporalio/(client|common))/',
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'messages-are-types',
      comment: 'Their definitions run @temporalio/workflow, which belongs in the sandbox.',
      severity: 'error',
      from: { path: ours, pathNot: '^(bench|scripts|test|workflows)/' },
      to: { path: '^workflows/messages\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    seesOnly(
      'callers-speak-to-client',
      '^(api|cli)/',
      '^(api|certify|cli|client|domain|plan|simulators|temporal|worker)/|^activities/proof/media/ffmpeg\\.ts$|^vendors/(registry|accounts|config|context|drivers|http|ingest|look-ahead|network|viewers)\\.ts$|^workflows/messages\\.ts$',
      'Commands and routes say what is wanted; how it is done is behind the client or the worker.',
    ),
    {
      name: 'api-has-no-worker',
      comment: 'The API runs where the worker does not.',
      severity: 'error',
      from: { path: '^api/' },
      to: { path: '^(certify|cli|simulators|worker)/' },
    },
    seesOnly(
      'temporal-knows-no-vendor',
      '^temporal/',
      '^temporal/|^domain/|^workflows/search-attributes\\.ts$',
      'Servers and connections are the same for any workflow.',
    ),
    seesOnly(
      'worker-composes',
      '^worker/',
      '^(worker|activities|domain|temporal)/|^vendors/[^/]+\\.ts$|^workflows/search-attributes\\.ts$|^client/(ask-status|bookings|client|errors|planned|remembered)\\.ts$|^plan/(budgets|prices)\\.ts$',
      'The worker composes what the layers below it offer, and imports no command.',
    ),
    seesOnly(
      'certify-stands-on-the-port',
      '^certify/',
      '^(certify|domain)/|^activities/(failures|on-air/viewer|proof/prove)\\.ts$|^vendors/[^/]+\\.ts$|^simulators/kit/encoder\\.ts$',
      'It does with a real account what the activities do, and brings the encoder: no simulator.',
    ),
    {
      name: 'simulators-never-ship-into-production',
      comment: 'Only the commands that are there to rehearse start a simulator.',
      severity: 'error',
      from: {
        pathNot: '^(bench|certify|simulators|test)/|^cli/(commands/sim|demo|encoder-script|rehearse|stack)\\.ts$',
      },
      to: { path: '^simulators/' },
    },
    {
      name: 'worker-reaches-no-simulator',
      comment: 'Not through another file of cli/ either: a worker and the API have real accounts.',
      severity: 'error',
      from: { path: '^cli/commands/(worker|api)\\.ts$|^(worker|activities|client|api)/' },
      to: { path: '^simulators/', reachable: true },
    },
    {
      name: 'simulators-are-independent-witnesses',
      comment: 'If simulator and driver share a line, both can be wrong together.',
      severity: 'error',
      from: { path: '^simulators/' },
      to: { path: `${ours}|${vendorSdks}`, pathNot: '^simulators/' },
    },
    {
      name: 'simulators-know-no-other',
      comment: 'What two simulators share belongs in the kit.',
      severity: 'error',
      from: { path: '^simulators/([^/]+)/' },
      to: { path: '^simulators/[^/]+/', pathNot: '^simulators/($1|kit)/' },
    },
    {
      name: 'no-import-of-tests-or-scripts',
      comment: 'What is imported is shipped.',
      severity: 'error',
      from: { path: ours, pathNot: notShipped },
      to: { path: notShipped },
    },
    {
      name: 'production-needs-no-dev-dependency',
      comment: 'It would be missing where it is installed.',
      severity: 'error',
      from: { path: ours, pathNot: notShipped },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|\\.showcaller)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};

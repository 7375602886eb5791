import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { root, runOrThrow, tool } from './command.ts';
import { shippedSchemas } from './staged-package.ts';

export const clientPackage = 'showcaller-client';

/** What callers import, by the name under which they do. The SDK loads the failure converter by its path beside the codec. */
const entries = { '.': 'client/index', './codec': 'temporal/codec/data-converter' } as const;
const sources = {
  index: 'client/index.ts',
  codec: 'temporal/codec/data-converter.ts',
  'failure-converter': 'temporal/codec/failure-converter.ts',
};
const fileOf = { '.': 'index', './codec': 'codec' } as const;

interface PackageJson {
  version: string;
  license: string;
  engines: object;
  dependencies: Record<string, string>;
}

/**
 * The client alone, as a package that brings neither the worker nor an SDK of a vendor: bundled for `import` and for `require`,
 * each with its types, the schemas and the examples. What was in `outDir` is gone.
 *
 * @throws Error with the words of the compiler or of the bundler.
 */
export async function buildClientPackage(outDir: string): Promise<void> {
  await rm(outDir, { recursive: true, force: true });
  const used = new Set<string>();
  for (const format of ['esm', 'cjs'] as const) {
    for (const name of await bundle(outDir, format)) used.add(name);
  }
  for (const name of await types(outDir)) used.add(name);
  await writeFile(join(outDir, 'cjs/package.json'), '{ "type": "commonjs" }\n');
  await writeFile(join(outDir, 'package.json'), await manifest(used));
  await copyFile(join(root, 'LICENSE'), join(outDir, 'LICENSE'));
  await writeFile(join(outDir, 'README.md'), readme);
  for (const path of shippedSchemas) await copyFile(join(root, path), join(outDir, basename(path)));
  await mkdir(join(outDir, 'examples'));
  for (const name of await readdir(join(root, 'examples')))
    if (name.endsWith('.json')) await copyFile(join(root, 'examples', name), join(outDir, 'examples', name));
}

/** Manifests of vendors load their drivers when a worker needs them; a caller never does. */
const withoutDrivers: Plugin = {
  name: 'without-drivers',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\./ }, ({ kind, importer, path }) => {
      if (kind !== 'dynamic-import') return undefined;
      if (/[\\/]vendors[\\/]/.test(importer)) return { path, namespace: 'no-driver' };
      return { errors: [{ text: `${importer} loads ${path} later: say whether callers need it` }] };
    });
    onLoad({ filter: /.*/, namespace: 'no-driver' }, () => ({
      contents: `throw new Error('${clientPackage} has no drivers of vendors: the package showcaller has them');`,
    }));
  },
};

/** Gives the packages that it imports. */
async function bundle(outDir: string, format: 'esm' | 'cjs'): Promise<string[]> {
  const isCommonJs = format === 'cjs';
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: sources,
    outdir: join(outDir, format),
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20.19',
    format,
    splitting: !isCommonJs,
    chunkNames: 'shared-[hash]',
    metafile: true,
    logLevel: 'silent',
    plugins: [withoutDrivers],
    // CommonJS knows its file by another name.
    ...(isCommonJs && {
      define: { 'import.meta.url': 'importMetaUrl' },
      banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
    }),
  });
  return packagesIn(metafile);
}

const packagesIn = ({ inputs }: Metafile): string[] =>
  Object.values(inputs)
    .flatMap(({ imports }) => imports)
    .flatMap(({ external, path }) => (external ? packageOf(path) : []));

/** The declarations that the entries need, for each kind of module; gives the packages that they import. */
async function types(outDir: string): Promise<string[]> {
  const declared = join(outDir, 'declared');
  await runOrThrow(tool('tsc'), [
    ...['-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--noCheck'],
    ...['--outDir', declared],
  ]);
  const [texts, packages] = await reachable(
    declared,
    Object.values(entries).map((entry) => `${entry}.d.ts`),
  );
  for (const format of ['esm', 'cjs']) {
    for (const [path, text] of texts) {
      const target = join(outDir, format, 'types', path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, text);
    }
  }
  await rm(declared, { recursive: true });
  return packages;
}

const imported = /(\bfrom\s+|\bimport\s*\(?\s*)(['"])([^'"]+)\2/g;

async function reachable(folder: string, from: string[]): Promise<[Map<string, string>, string[]]> {
  const texts = new Map<string, string>();
  const packages: string[] = [];
  for (const path of from) {
    if (texts.has(path)) continue;
    const text = await readFile(join(folder, path), 'utf8');
    for (const [, , , name = ''] of text.matchAll(imported)) {
      if (!name.startsWith('.')) packages.push(...packageOf(name));
      else from.push(join(dirname(path), name.replace(/\.ts$/, '.d.ts')));
    }
    texts.set(
      path,
      text.replace(imported, (whole, before, quote, name: string) =>
        name.startsWith('.') ? `${before}${quote}${name.replace(/\.ts$/, '.js')}${quote}` : whole,
      ),
    );
  }
  return [texts, packages];
}

/** None of a part of Node. */
function packageOf(path: string): string[] {
  if (path.startsWith('node:') || builtinModules.includes(path)) return [];
  return [path.split('/', path.startsWith('@') ? 2 : 1).join('/')];
}

async function manifest(used: ReadonlySet<string>): Promise<string> {
  const { version, license, engines, dependencies } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  ) as PackageJson;
  const needed = [...used].sort().map((name) => {
    const range = dependencies[name];
    if (range === undefined) throw new Error(`the client imports ${name}, which package.json does not have: add it`);
    return [name, range];
  });
  const exported = Object.entries(entries).map(([name, entry]) => {
    const file = fileOf[name as keyof typeof fileOf];
    const of = (format: string) => ({ types: `./${format}/types/${entry}.d.ts`, default: `./${format}/${file}.js` });
    return [name, { import: of('esm'), require: of('cjs') }];
  });
  return `${JSON.stringify(
    {
      name: clientPackage,
      version,
      description: 'The client of showcaller: starts, follows and operates live video events.',
      license,
      type: 'module',
      engines,
      exports: {
        ...Object.fromEntries(exported),
        ...Object.fromEntries(
          [...shippedSchemas.map((path) => basename(path)), 'package.json'].map((name) => [`./${name}`, `./${name}`]),
        ),
        './examples/*.json': './examples/*.json',
      },
      dependencies: Object.fromEntries(needed),
    },
    null,
    2,
  )}\n`;
}

const readme = `# ${clientPackage}

The client of showcaller, without its worker and the SDKs of vendors, for \`import\` and for \`require\`:

\`\`\`ts
import { Client, Connection } from '@temporalio/client';
import { ShowcallerClient } from '${clientPackage}';
import { dataConverterFrom } from '${clientPackage}/codec';

const namespace = 'default';
const connection = await Connection.connect();
const client = new Client({ connection, namespace, dataConverter: dataConverterFrom(namespace) });
const showcaller = new ShowcallerClient(client);
\`\`\`

Plans are checked against the same rules as in showcaller of the same version. \`${clientPackage}/plan.schema.json\` is the JSON
Schema of a plan, \`${clientPackage}/openapi.json\` describes the HTTP API, \`${clientPackage}/examples/*.json\` are plans.
`;

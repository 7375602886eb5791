import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, runOrThrow } from './command.ts';
import { shippedSchemas, stagedPackage } from './staged-package.ts';

const besideDist = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', ...shippedSchemas];
const example = /^examples\/[\w-]+\.json$/;
const needed = [
  'package.json',
  'LICENSE',
  ...shippedSchemas,
  'examples/town-hall.json',
  'dist/api/board/hls.min.js',
  'dist/api/board/hls.min.js.LICENSE',
  'dist/api/board/index.html',
  'dist/cli/main.js',
  'dist/client/index.js',
  'dist/client/index.d.ts',
  'dist/sbom.cdx.json',
  'dist/temporal/codec/data-converter.js',
  'dist/temporal/codec/failure-converter.js',
  'dist/worker/workflow-bundle.js',
  'dist/worker/workflow-bundle-encoded-failures.js',
];
const notForShipping =
  /^dist\/client-package\/|(^|\/)(test|scripts|fixtures|wire|histories|node_modules)\/|\.test\.|(^|\/)\.env|\.(pem|key|p12)$/;
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{16}/;

/** What is wrong with the package as npm would publish it. */
export async function packageProblems(): Promise<string[]> {
  const staged = await stagedPackage();
  try {
    const places = [root, staged.folder];
    const paths = await packedPaths(staged.folder);
    const inside = await Promise.all(
      paths.map(async (path) => contentProblems(path, await readFile(join(staged.folder, path), 'latin1'), places)),
    );
    return [...pathProblems(paths), ...inside.flat()];
  } finally {
    await staged.remove();
  }
}

/** Files that must not be there, and files that must. */
export function pathProblems(paths: readonly string[]): string[] {
  const isBeside = (path: string): boolean => besideDist.includes(path) || example.test(path);
  const misplaced = paths.filter((path) => !path.startsWith('dist/') && !isBeside(path));
  const unwanted = paths.filter((path) => notForShipping.test(path));
  const missing = needed.filter((path) => !paths.includes(path));
  return [
    ...[...new Set([...misplaced, ...unwanted])].map((path) => `${path} must not be in the package`),
    ...missing.map((path) => `${path} is missing from the package`),
  ];
}

/** Secrets, and names of the machine it was built on. */
export function contentProblems(path: string, text: string, places: readonly string[]): string[] {
  return [
    ...(privateKey.test(text) ? [`${path} holds a private key`] : []),
    ...places.filter((place) => text.includes(place)).map((place) => `${path} names ${place} of this machine`),
  ];
}

async function packedPaths(folder: string): Promise<string[]> {
  const packed = await runOrThrow('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: folder });
  const [entry] = JSON.parse(packed) as { files: { path: string }[] }[];
  if (!entry || entry.files.length === 0) throw new Error(`npm pack lists no file: ${packed}`);
  return entry.files.map(({ path }) => path);
}

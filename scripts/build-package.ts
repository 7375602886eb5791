import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { boardFiles } from '../api/routes/board.ts';
import { failureConverterPath } from '../temporal/codec/data-converter.ts';
import { prebuiltBundles } from '../worker/bundle.ts';
import { billOfMaterials, billOfMaterialsText } from './bill-of-materials.ts';
import { root, runOrThrow, tool } from './command.ts';
import { portableBundle } from './workflow-bundle.ts';

/** Read at run time by the files beside them. */
const dataFiles = ['simulators/kit/fixture.flv', ...boardFiles.map((name) => `api/board/${name}`)];

/** Of the package in `carriedPackages`: what of it is shipped, and its licence, which asks to be shipped with it. */
const carriedFiles = {
  'node_modules/hls.js/dist/hls.min.js': 'api/board/hls.min.js',
  'node_modules/hls.js/LICENSE': 'api/board/hls.min.js.LICENSE',
};

export interface BuildOptions {
  outDir: string;
  /** False where the types are checked elsewhere at the same time. Default true. */
  checkTypes?: boolean;
  log?: (line: string) => void;
}

/**
 * Everything that is shipped: compiled sources and their types, the workflow bundle so that a worker starts without
 * webpack, the bill of materials, and data files. What was in `outDir` is gone.
 *
 * @throws Error with the compiler's words.
 */
export async function buildPackage({ outDir, checkTypes = true, log = () => {} }: BuildOptions): Promise<void> {
  const step = async (name: string, work: () => Promise<unknown>) => {
    const startedAt = performance.now();
    await work();
    log(`${name.padEnd(18)} ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  };
  await rm(outDir, { recursive: true, force: true });
  await step('compile', () => compile(outDir, checkTypes));
  await step('workflow bundle', async () => {
    await writeFile(join(outDir, 'worker', prebuiltBundles.plain), await portableBundle());
    await writeFile(
      join(outDir, 'worker', prebuiltBundles.encodedFailures),
      await portableBundle(failureConverterPath),
    );
  });
  await step('bill of materials', async () => writeFile(join(outDir, billOfMaterials), await billOfMaterialsText()));
  await step('data files', () =>
    Promise.all([
      ...dataFiles.map((file) => copyInto(outDir, file)),
      ...Object.entries(carriedFiles).map(([file, target]) => copyInto(outDir, file, target)),
    ]),
  );
  await chmod(join(outDir, 'cli/main.js'), 0o755);
}

const compile = (outDir: string, checkTypes: boolean) =>
  runOrThrow(tool('tsc'), ['-p', 'tsconfig.build.json', '--outDir', outDir, ...(checkTypes ? [] : ['--noCheck'])]);

async function copyInto(outDir: string, file: string, target = file): Promise<void> {
  await mkdir(dirname(join(outDir, target)), { recursive: true });
  await copyFile(join(root, file), join(outDir, target));
}

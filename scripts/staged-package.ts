import { copyFile, cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildPackage } from './build-package.ts';
import { root } from './command.ts';

/** What tools of others read: the JSON Schema of a plan, and the description of the API. */
export const shippedSchemas: readonly string[] = ['docs/plan.schema.json', 'docs/openapi.json'];

const packageFiles = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', ...shippedSchemas];

export interface StagedPackage {
  /** Where it stands as npm would see it: package.json, dist/, node_modules. */
  folder: string;
  remove(): Promise<void>;
}

/** Builds the package in a folder of its own, so that nothing left over in dist/ can speak for it. */
export async function stagedPackage(): Promise<StagedPackage> {
  const folder = await mkdtemp(join(tmpdir(), 'showcaller-package-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await Promise.all(packageFiles.map((file) => copyInto(folder, file).catch(ifAbsent)));
    await cp(join(root, 'examples'), join(folder, 'examples'), { recursive: true });
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
    await buildPackage({ outDir: join(folder, 'dist'), checkTypes: false });
    return { folder, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function copyInto(folder: string, file: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await copyFile(join(root, file), join(folder, file));
}

function ifAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

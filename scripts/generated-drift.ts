import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './command.ts';

export interface GeneratedFile {
  /** From the project's root. */
  path: string;
  make(): Promise<string>;
}

/** The generated files that are not what would be made now. */
export async function drift(files: readonly GeneratedFile[], folder = root): Promise<string[]> {
  const stale = await Promise.all(files.map(async (file) => ((await isCurrent(file, folder)) ? [] : [file.path])));
  return stale.flat().map((path) => `${path} is not what its source makes: npm run generate`);
}

/** Makes those anew that differ, and returns their paths. */
export async function regenerate(files: readonly GeneratedFile[], folder = root): Promise<string[]> {
  const written: string[] = [];
  for (const file of files) {
    if (await isCurrent(file, folder)) continue;
    await writeFile(join(folder, file.path), await file.make());
    written.push(file.path);
  }
  return written;
}

async function isCurrent({ path, make }: GeneratedFile, folder: string): Promise<boolean> {
  const [made, present] = await Promise.all([make(), readFile(join(folder, path), 'utf8').catch(ifAbsent)]);
  return made === present;
}

function ifAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

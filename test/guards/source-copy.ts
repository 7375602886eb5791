import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../../scripts/command.ts';

const leftOut = ['.git', '.showcaller', 'coverage', 'dist', 'node_modules'];

export interface SourceCopy {
  folder: string;
  read(path: string): Promise<string>;
  write(path: string, text: string): Promise<void>;
  append(path: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

/** The project as it is, to be spoiled: every guard must be seen to fail once. */
export async function sourceCopy(): Promise<SourceCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'showcaller-guards-'));
  const names = (await readdir(root)).filter((name) => !leftOut.includes(name));
  await Promise.all(names.map((name) => cp(join(root, name), join(folder, name), { recursive: true })));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  const read = (path: string) => readFile(join(folder, path), 'utf8');
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  return {
    folder,
    read,
    write,
    append: async (path, text) => write(path, (await read(path)) + text),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, runOrThrow } from './command.ts';

/** A file that is longer has to be split, tests too. */
export const mostLines = 400;

/** Source files and tests with more than {@link mostLines} lines. */
export async function filesTooLong(folder = root): Promise<string[]> {
  const patterns = ['*.ts', '*.js', '*.cjs', '*.css'];
  const listed = await runOrThrow('git', ['ls-files', '-co', '--exclude-standard', '--', ...patterns], { cwd: folder });
  const files = [...new Set(listed.split('\n'))].filter((file) => file !== '' && existsSync(join(folder, file)));
  const lengths = await Promise.all(files.map(async (file) => ({ file, lines: await linesOf(join(folder, file)) })));
  return lengths
    .filter(({ lines }) => lines > mostLines)
    .map(({ file, lines }) => `${file} has ${lines} lines; split it, the limit is ${mostLines}`);
}

const linesOf = async (path: string): Promise<number> => (await readFile(path, 'utf8')).split('\n').length - 1;

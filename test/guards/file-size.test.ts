import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runOrThrow } from '../../scripts/command.ts';
import { filesTooLong, mostLines } from '../../scripts/file-size.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'showcaller-size-'));
  await runOrThrow('git', ['init', '--quiet'], { cwd: folder });
  await mkdir(join(folder, 'test'));
  const lines = (count: number) => 'const a = 1;\n'.repeat(count);
  await writeFile(join(folder, 'test/long.test.ts'), lines(mostLines + 1));
  await writeFile(join(folder, 'just-right.ts'), lines(mostLines));
  await writeFile(join(folder, 'data.json'), lines(mostLines + 1));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('a source file or a test with more than 400 lines is refused', async () => {
  expect(await filesTooLong(folder)).toEqual(['test/long.test.ts has 401 lines; split it, the limit is 400']);
});

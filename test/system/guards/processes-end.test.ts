import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root, run } from '../../../scripts/command.ts';
import { until } from '../../support/until.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'showcaller-left-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('a process that a test has started ends with the test, also when it fails', async () => {
  const pidFile = join(folder, 'pid');
  const test = join(folder, 'left.test.ts');
  const config = join(folder, 'vitest.config.mjs');
  await writeFile(
    test,
    `import { execSync } from 'node:child_process';
     import { writeFileSync } from 'node:fs';
     import { expect, it } from 'vitest';
     import { showcaller } from ${JSON.stringify(join(root, 'test/support/processes.ts'))};
     it('fails while its process runs', () => {
       void showcaller(['sim', '--json']);
       const children = execSync('ps -o pid=,args= --ppid ' + process.pid, { encoding: 'utf8' }).split('\\n');
       writeFileSync(${JSON.stringify(pidFile)}, children.find((line) => line.includes('cli/main.ts')) ?? '');
       expect.fail('on purpose');
     });`,
  );
  await writeFile(config, `export default { test: { root: ${JSON.stringify(folder)}, pool: 'forks' } };`);
  const env = { VITEST: '', VITEST_POOL_ID: '', VITEST_WORKER_ID: '' };
  const { code } = await run('node', [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config], {
    env,
  });
  expect(code).toBe(1);
  const pid = Number.parseInt(await readFile(pidFile, 'utf8'), 10);
  expect(pid).toBeGreaterThan(1);
  await until(() => !isAlive(pid));
});

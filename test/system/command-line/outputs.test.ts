import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { testEnvironment } from '../../support/environment.ts';
import { commandLine, showcaller } from '../../support/processes.ts';
import { scratchDir } from '../../support/scratch.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const attack = '\x1b]0;owned\x07\x1b[2J\x9b31m\u202e';
/** None of these characters, in whatever way a terminal knows them. */
const steersNothing = (text: string) => expect(text).toMatch(/^[^\p{Cc}\u202e]*$/u);

describe('what others wrote', () => {
  it('does not steer the terminal of the one who reads it', async () => {
    const env = await testEnvironment();
    onTestFinished(() => env.close());
    await env.work(fakeVendor().activities);
    const plan = planFor({ duration: '1h' });
    await env.showcaller.start(plan);
    await until(async () => (await env.showcaller.status(plan.eventId)).phase === 'waiting-for-encoder');
    await expect(env.showcaller.stopNow(plan.eventId, { by: 'ann', reason: attack })).rejects.toThrow(
      'reason must be one line without control characters',
    );
    // By another client of Temporal, which checks nothing.
    const run = env.client.workflow.getHandle(`live-event/${plan.eventId}`);
    await run.executeUpdate('stopNow', { args: [{ by: `ann${attack}`, reason: `because ${attack}` }] });
    await run.result();
    const where = ['--address', env.address, '--namespace', env.namespace, '--task-queue', env.taskQueue];
    for (const more of [[], ['--json']]) {
      const output = await showcaller(['status', plan.eventId, ...where, ...more]);
      expect(output.stdout).toContain('because');
      steersNothing(output.stdout.replaceAll('\n', ''));
      steersNothing(output.stderr.replaceAll('\n', ''));
    }
    const unknown = await showcaller(['status', `no${attack}`, ...where]);
    expect(unknown.code).toBe(2);
    steersNothing(unknown.stderr.replaceAll('\n', ''));
  });
});

describe('a reader that has seen enough', () => {
  it.each([
    ['completion', 'bash'],
    ['list', '--help'],
    ['check', 'examples/town-hall.json', '--no-preflight', '--json'],
  ])('is no failure of %s', async (...args) => {
    const child = spawn(process.execPath, [...commandLine(), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const [code] = await once(child, 'close');
    expect({ code, said }).toEqual({ code: 0, said: '' });
  });
});

describe('a secret that is kept in a file', () => {
  const command = [process.execPath, ...commandLine()].join(' ');
  const shell = promisify(execFile);
  const modeOf = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);

  it.each(['codec new-key', 'codec new-token --name ann --namespace shows', 'api new-token --name ann --role viewer'])(
    'is for its owner alone when the shell makes it: %s',
    async (secret) => {
      const file = join(await scratchDir(), 'secret');
      await shell('/bin/sh', ['-c', `umask 022; ${command} ${secret} > ${file}`], { cwd: root });
      expect(await modeOf(file)).toBe('600');
      expect((await stat(file)).size).toBeGreaterThan(20);
    },
  );

  it('stays as its owner has it when there is something in it', async () => {
    const file = join(await scratchDir(), 'keys');
    await writeFile(file, '# of this year\n');
    const handle = await open(file, 'a');
    await handle.chmod(0o640);
    await handle.close();
    await shell('/bin/sh', ['-c', `${command} codec new-key >> ${file}`], { cwd: root });
    expect(await modeOf(file)).toBe('640');
  });
});

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../scripts/command.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'showcaller-load-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a script that notes each of its runs, and what else runs as a child of the same parent. */
async function underLoad(name: string, script: string): Promise<{ code: number | null; runs: string[] }> {
  const notes = join(folder, name);
  const count = 'ps -o args= --ppid $PPID | grep -c "[p]rocess.ppid"';
  const command = ['bash', '-c', `${count} >> ${notes}; ${script}`];
  const { code } = await run('node', [
    ...['--import', 'tsx', 'scripts/under-load.ts', '--times', '3', '--busy', '2', '--'],
    ...command,
  ]);
  return { code, runs: (await readFile(notes, 'utf8')).trim().split('\n') };
}

describe('scripts/under-load.ts', () => {
  it('runs a command three times in a row beside busy processes', async () => {
    expect(await underLoad('green', 'true')).toEqual({ code: 0, runs: ['2', '2', '2'] });
  });

  it('fails at the first run that fails, and leaves no process behind', async () => {
    expect(await underLoad('red', `[ $(wc -l < ${join(folder, 'red')}) -lt 2 ]`)).toEqual({
      code: 1,
      runs: ['2', '2'],
    });
    const { stdout } = await run('ps', ['-eo', 'ppid=,args=']);
    const left = stdout.split('\n').filter((line) => / 1 .*process\.ppid === parent/.test(line));
    expect(left).toEqual([]);
  });
});

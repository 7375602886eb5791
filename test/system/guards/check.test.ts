import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../scripts/command.ts';
import { type Check, runChecks } from '../../../scripts/run-checks.ts';
import { type SourceCopy, sourceCopy } from '../../guards/source-copy.ts';

const good: Check = { name: 'good', run: async () => undefined };
const bad: Check = { name: 'bad', run: async () => 'line one\nline two' };
const broken: Check = {
  name: 'broken',
  run: async () => {
    throw new Error('no such program');
  },
};

async function printed(checks: readonly Check[]) {
  const lines: string[] = [];
  const counts = await runChecks(checks, { print: (line) => lines.push(line) });
  return { counts, lines };
}

describe('running the checks', () => {
  it('says in one line that a check passed, and how long it took', async () => {
    const { lines } = await printed([good]);
    expect(lines).toEqual([expect.stringMatching(/^ok {3}good +\d+\.\d s$/)]);
  });

  it('shows what is wrong below the check that found it', async () => {
    const { lines } = await printed([bad]);
    expect(lines).toEqual([expect.stringMatching(/^FAIL bad +\d+\.\d s$/), '     line one\n     line two']);
  });

  it('goes on after a failure and counts both kinds', async () => {
    const { counts } = await printed([bad, broken, good]);
    expect(counts).toEqual({ passed: 1, failed: 2 });
  });

  it('takes a check that throws for one that failed', async () => {
    const { lines } = await printed([broken]);
    expect(lines.join('\n')).toMatch(/^FAIL broken[\s\S]*no such program/);
  });

  it('takes a check that fails without a word for one that failed', async () => {
    const { counts, lines } = await printed([{ name: 'mute', run: async () => '' }]);
    expect(counts.failed).toBe(1);
    expect(lines.join('\n')).toContain('said nothing');
  });
});

describe('npm run check', () => {
  let copy: SourceCopy;
  const check = (...names: string[]) =>
    run('node', ['--import', 'tsx', 'scripts/check.ts', ...names], { cwd: copy.folder });

  beforeAll(async () => {
    copy = await sourceCopy();
    await run('git', ['init', '--quiet', '.'], { cwd: copy.folder });
  });
  afterAll(() => copy?.remove());

  it('ends with 1 when a check fails, and names it', async () => {
    await copy.write('docs/seeded.md', '[lost](no-such-page.md)\n');
    const { code, output } = await check('links');
    expect(output).toMatch(/^FAIL links +\d+\.\d s$/m);
    expect(output).toContain('docs/seeded.md: no-such-page.md: there is no such file');
    expect(output).toMatch(/^checks: 0 passed, 1 failed$/m);
    expect(code).toBe(1);
  });

  it('ends with 0 when all that were asked for pass', async () => {
    await copy.write('docs/seeded.md', '[found](seeded.md)\n');
    const { code, output } = await check('compose');
    expect(output).toMatch(/^checks: 1 passed, 0 failed$/m);
    expect(code).toBe(0);
  });

  it('refuses a compose file that is not one', async () => {
    const compose = await copy.read('docker-compose.yml');
    await copy.write('docker-compose.yml', compose.replace('healthcheck:', 'healthchecks:'));
    const { code, output } = await check('compose');
    expect(output).toContain('invalid-schema');
    expect(code).toBe(1);
  });

  it('ends with 2 when it is asked for a check that is not there', async () => {
    const { code, output } = await check('beauty');
    expect(output).toContain('there is no check beauty; there are: types');
    expect(code).toBe(2);
  });
});

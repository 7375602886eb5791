import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { registerCheck } from '../../../../cli/commands/check.ts';
import { awsIvsSimulator } from '../../../../simulators/aws-ivs/index.ts';
import { createKit } from '../../../../simulators/kit/kit.ts';
import { scratchDir } from '../../../support/scratch.ts';

afterEach(() => void vi.unstubAllEnvs());

const plan = { eventId: 'checked', startsAt: '2031-01-01T18:00:00Z', duration: '1h' };
const legs = [
  { name: 'main', vendor: 'aws-ivs' },
  { name: 'backup', vendor: 'alibaba-oss' },
];

/** The last line for people. */
async function check(given: object): Promise<string | undefined> {
  const file = join(await scratchDir(), 'plan.json');
  await writeFile(file, JSON.stringify({ ...plan, ...given }));
  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  onTestFinished(() => printed.mockRestore());
  const program = new Command();
  registerCheck(program);
  await program.parseAsync(['check', file], { from: 'user' });
  return printed.mock.calls
    .map(([text]) => String(text))
    .join('')
    .trim()
    .split('\n')
    .at(-1)
    ?.trim();
}

it.each([
  ['its only account', { vendor: 'aws-ivs' }],
  ['any account of its legs', { legs }],
])('an environment without %s says that nothing was seen, and what to do', async (_, given) => {
  expect(await check(given)).toMatch(/^nothing was seen of the account: configure it here .*\/v1\/plans\/check/);
});

it('an environment with one of two accounts says that it found nothing in what was seen', async () => {
  const simulator = await awsIvsSimulator.start(createKit(), { slowness: 0 });
  onTestFinished(() => simulator.close());
  for (const [name, value] of Object.entries(simulator.env)) vi.stubEnv(name, value);
  expect(await check({ legs })).toBe('the look at the account found nothing wrong in what was seen');
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Preflight } from '../../../domain/preflight.ts';
import { awsIvsSimulator } from '../../../simulators/aws-ivs/index.ts';
import { createKit } from '../../../simulators/kit/kit.ts';
import type { RunningSimulator } from '../../../simulators/kit/types.ts';
import { showcaller } from '../../support/processes.ts';

const kit = createKit();
let healthy: RunningSimulator;
let flawed: RunningSimulator;
beforeAll(async () => {
  healthy = await awsIvsSimulator.start(kit, { slowness: 0.02 });
  flawed = await awsIvsSimulator.start(kit, { slowness: 0.02, denied: ['ivs:DeleteChannel'] });
});
afterAll(async () => {
  await healthy?.close();
  await flawed?.close();
});

const plan = { eventId: 'checked', vendor: 'aws-ivs', startsAt: '2031-01-01T18:00:00Z', duration: '1h' };
const check = (env: Record<string, string>, given: object = plan, flags: string[] = []) =>
  showcaller(['check', '-', '--json', ...flags], { input: JSON.stringify(given), env });
const lookOf = (stdout: string) => (JSON.parse(stdout) as { preflight: Preflight }).preflight;

describe.concurrent('showcaller check', () => {
  it('ends with 0 for a healthy account, with 1 and what to do for another, without Temporal', async () => {
    const well = await check(healthy.env);
    expect(lookOf(well.stdout).findings).toEqual([]);
    expect(well.code).toBe(0);
    const ill = await check(flawed.env);
    expect(lookOf(ill.stdout).findings).toMatchObject([
      {
        check: 'permission',
        message: expect.stringContaining('ivs:DeleteChannel'),
        advice: expect.stringMatching(/\w/),
      },
    ]);
    expect(ill.code).toBe(1);
  });

  it('says that it did not look without the account, and does not with --no-preflight', async () => {
    const { AWS_IVS_REGION: _, ...rest } = healthy.env;
    expect(Object.keys(rest)).not.toContain('AWS_IVS_REGION');
    const without = await check({}, plan);
    expect(lookOf(without.stdout)).toMatchObject({ findings: [], unseen: [{ check: 'credentials' }] });
    expect(without.code).toBe(0);
    const alone = await check(flawed.env, plan, ['--no-preflight']);
    expect(JSON.parse(alone.stdout)).not.toHaveProperty('preflight');
    expect(alone.code).toBe(0);
  });

  it('ends with 2 for a plan that is wrong', async () => {
    expect((await check(healthy.env, { ...plan, vendor: 'vimeo' })).code).toBe(2);
  });

  it('looks at the account of each leg', async () => {
    const { vendor: _, ...shared } = plan;
    const legs = [
      { name: 'main', vendor: 'aws-ivs' },
      { name: 'backup', vendor: 'aws-ivs', account: 'second' },
    ];
    const second = Object.fromEntries(
      Object.entries(flawed.env).map(([name, value]) => [name.replace('AWS_IVS_', 'AWS_IVS_SECOND_'), value]),
    );
    const { stdout, code } = await check({ ...healthy.env, ...second }, { ...shared, legs });
    expect(lookOf(stdout).findings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^leg backup: ivs:DeleteChannel is not allowed/),
    ]);
    expect(code).toBe(1);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { showcaller, type WorkerProcess, workerProcess } from '../../support/processes.ts';
import { secretsIn } from '../../support/secrets.ts';
import { isProved, type Show, ShowHarness, vendorNames } from '../../support/show-harness.ts';
import { withWrongAccounts, wrongAccount } from '../../support/wrong-account.ts';

let harness: ShowHarness;
let worker: WorkerProcess;
beforeAll(async () => {
  harness = await ShowHarness.open({ settings: withWrongAccounts });
  worker = await workerProcess(harness, ['--log-level', 'DEBUG']);
});
afterAll(async () => {
  await worker.stop();
  await harness.close();
});

const secrets = () => harness.secrets;
const textsOf = async (show: Show) => (await show.history()).texts;

describe.concurrent.each(vendorNames)('on %s', (vendor) => {
  it('the history of a whole run contains no secret', async () => {
    const show = await harness.show(vendor);
    await show.airs(3000);
    await show.stopNow();
    const report = await show.result();
    expect(isProved(report)).toBe(true);
    expect(harness.keys.size).toBeGreaterThan(0);
    expect(secretsIn(await textsOf(show), secrets())).toEqual([]);
  });

  it('the history of a run with wrong credentials contains no secret', async () => {
    const show = await harness.show(vendor, { account: wrongAccount });
    expect(await show.result()).toMatchObject({ endReason: 'allocation-failed' });
    const texts = await textsOf(show);
    expect(texts.some((text) => text.includes('allocation-failed'))).toBe(true);
    expect(secretsIn(texts, secrets())).toEqual([]);
  });
});

describe('a secret that leaks', () => {
  it('by a title fails the tests that leaked it, when their harness is closed', async () => {
    const own = await ShowHarness.open({ vendors: ['alibaba-oss'] });
    const [secret = ''] = own.accounts.secrets();
    const show = await own.show('alibaba-oss', { title: `leaked: ${secret}`, duration: '5m' });
    await expect(own.close()).rejects.toThrow(`by the history of alibaba-oss ${show.eventId}`);
    await harness.env.client.workflow.getHandle(`live-event/${show.eventId}`).terminate();
  });

  it('by a command fails the tests that leaked it, when their harness is closed', async () => {
    const own = await ShowHarness.open({ vendors: ['alibaba-oss'] });
    own.keys.add('strat-of-all-secrets');
    await showcaller(['strat-of-all-secrets']);
    await expect(own.close()).rejects.toThrow('stra… as strat-…');
  });

  it('by the worker on stderr is found, however much it prints', async () => {
    await worker.stop();
    expect(worker.stderr()).toContain('worker on ');
    expect(worker.stderr().length).toBeGreaterThan(1000);
    expect(secretsIn([worker.stderr()], secrets())).toEqual([]);
  });

  it('would be found in every spelling', () => {
    const secret = 'a+secret/key="1"';
    const encoded = [0, 1, 2].map((shift) => Buffer.from(`${'x'.repeat(shift)}${secret} and more`).toString('base64'));
    const spellings = [
      secret,
      encodeURIComponent(secret),
      JSON.stringify({ secret }),
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret).toString('base64url'),
      ...encoded,
    ];
    for (const spelling of spellings) {
      const found = secretsIn([`before ${spelling} after`], [secret]).length;
      expect({ spelling, found }).toEqual({ spelling, found: 1 });
    }
    expect(secretsIn(['nothing of the kind'], [secret])).toEqual([]);
  });
});

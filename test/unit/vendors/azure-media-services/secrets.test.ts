import { describe, expect, it } from 'vitest';
import { openHarness } from '../../../support/azure-media-services-harness.ts';
import { finish } from '../../../support/until.ts';
import { onAir, pushTo, refusalOf } from './azure-driver-harness.ts';

describe('secrets', () => {
  it('stay out of everything that goes into history', async () => {
    const w = await openHarness();
    const driver = w.driver();
    const channel = await onAir(driver, 'quiet');
    const [endpoint] = await driver.ingest(channel);
    const token = /\/live\/([0-9a-f]{32})\/sc-quiet$/.exec(endpoint?.url ?? '')?.[1] ?? '';
    expect(token).not.toBe('');
    await pushTo(driver, channel);
    const output = await finish(() => driver.createOutput(channel));
    const observations = await driver.observe(channel);
    const evidence = await finish(() => driver.stop(channel, output));
    const history = JSON.stringify({ channel, output, observations, evidence });
    expect(history).not.toContain(token);
    expect(history).not.toContain(w.simulator.client.token);
  });

  it('are refused in clear text beyond the own machine', async () => {
    const w = await openHarness();
    expect(() => w.driver({ endpoint: 'http://media.example.com' })).toThrow(/clear text/);
  });

  it('that are missing are named, without their value', async () => {
    const w = await openHarness();
    expect(() => w.driver({ authMode: 'entra' })).toThrow(/has no tenantId/);
    expect(() => w.driver({ authMode: 'ravnur', apiKey: '' })).toThrow(/has no apiKey/);
  });

  it('of a service principal are of no use while its tenant does not sign it in, which is not a refusal', async () => {
    const w = await openHarness();
    const principal = { authMode: 'entra', tenantId: 'tenant', clientId: 'client', clientSecret: 'hush' };
    const error = await refusalOf(w.driver({ ...principal, authorityHost: 'https://127.0.0.1:1' }).owned());
    expect(error.kind).toBe('unavailable');
    expect(JSON.stringify(error.facts) + error.message).not.toContain('hush');
  });

  it('that are wrong are unauthorized', async () => {
    const w = await openHarness();
    expect((await refusalOf(w.driver({ token: 'wrong' }).owned())).kind).toBe('unauthorized');
    const wrongKey = w.driver({ authMode: 'ravnur', apiKey: 'wrong' });
    const error = await refusalOf(wrongKey.owned());
    expect(error.kind).toBe('unauthorized');
    expect(JSON.stringify(error.facts) + error.message).not.toContain('wrong');
  });
});

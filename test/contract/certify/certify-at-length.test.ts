import { describe, expect, it } from 'vitest';
import { certify, cleanUpAlone, isPassed } from '../../../certify/certify.ts';
import { promises } from '../../../certify/promises.ts';
import { certificationMarkdown, verdictText } from '../../../certify/report-text.ts';
import { eventFor } from '../../../certify/steps.ts';
import { vendors } from '../../../vendors/registry.ts';
import { driverContext } from '../../support/accounts.ts';
import { reach } from '../reach.ts';
import { billedSince, cleansUpWhenInterrupted, found, withCertifiable } from './certify-harness.ts';

// interrupted-at-length.test.ts ends it at other moments too, shows-at-length.test.ts records whole shows.
describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('keeps every promise on its simulator, and leaves nothing billed', () =>
    withCertifiable(manifest, async ({ input, sim, kit }) => {
      const billed = billedSince(sim);
      const certified = await certify(input);
      const { certification, secrets } = certified;
      expect(found(certified, 'contradicted')).toEqual([]);
      expect(certification).toMatchObject({ vendor: manifest.name, account: 'default' });
      expect(certification.why).toBeUndefined();
      expect(certification.findings.map(({ promise }) => promise)).toEqual(Object.keys(promises));
      // Only what the vendor does not have cannot be seen.
      const unseen = found(certified, 'not testable').map((text) => text.split(':')[0]);
      expect(unseen).toEqual(unseen.filter((one) => one === 'live-list' || one === 'sessions'));
      expect(certification.outcome).toBe(unseen.length > 0 ? 'confirmed-in-part' : 'confirmed');
      expect(unseen.filter((one) => !verdictText(certification).includes(String(one)))).toEqual([]);
      expect(isPassed(certification)).toBe(true);
      expect(certification.transitions.length).toBeGreaterThan(8);
      expect(billed()).toEqual([]);
      expect(kit.log.entries().length).toBeGreaterThan(0);

      const kept = manifest.makes.filter(({ kept }) => kept).map(({ what }) => what);
      expect(certification.stays.map(({ what }) => what)).toEqual(kept);
      const report = JSON.stringify(certification) + certificationMarkdown(certification);
      expect(kept.filter((what) => !certificationMarkdown(certification).includes(what))).toEqual([]);
      expect(secrets.size).toBeGreaterThan(0);
      expect([...secrets].filter((secret) => report.includes(secret))).toEqual([]);
    }));

  it.concurrent('cleans up when it is interrupted while the encoder sends', () =>
    cleansUpWhenInterrupted(manifest, 'the encoder is dropped'));

  it.concurrent('makes nothing when it is interrupted before it begins', () =>
    withCertifiable(manifest, async ({ input, sim }) => {
      const made = JSON.stringify(sim.resources());
      const { certification } = await certify({ ...input, signal: AbortSignal.abort(new Error('SIGTERM')) });
      expect(certification).toMatchObject({ outcome: 'incomplete', why: 'it was ended: SIGTERM' });
      expect(
        certification.findings.filter(({ verdict }) => verdict === 'confirmed').map(({ promise }) => promise),
      ).toEqual(['name']);
      expect(JSON.stringify(sim.resources())).toBe(made);
    }));

  it.concurrent('cleans up when it is interrupted before the answer to the first change, which is lost', () =>
    withCertifiable(manifest, async ({ input, sim, kit }) => {
      const billed = billedSince(sim);
      const operator = new AbortController();
      const acquire = async (...[, , , mutates]: unknown[]) => {
        if (mutates) operator.abort(new Error('SIGTERM'));
      };
      const { certification } = await certify({ ...input, signal: operator.signal, hooks: { acquire } });
      expect(certification).toMatchObject({ outcome: 'incomplete', why: 'it was ended: SIGTERM' });
      expect(certification.notReleased).toBeUndefined();
      expect(kit.log.entries().length).toBeGreaterThan(1);
      expect(billed()).toEqual([]);
    }));

  it.concurrent('ends at once when its secret is wrong, and says so', () =>
    withCertifiable(manifest, async ({ input, kit }) => {
      kit.faults.add(manifest.name, { operation: '*', kind: 'unauthorized', times: Number.POSITIVE_INFINITY });
      // Longer than any test may take.
      const limits = { ...input.limits, stepMs: 1e9, cleanUpMs: 1e9 };
      const { certification } = await certify({ ...input, limits, timeScale: 1 });
      expect(certification).toMatchObject({ outcome: 'incomplete', why: '"allocate" was not confirmed' });
      expect(certification.findings.find(({ promise }) => promise === 'allocate')?.detail).toContain('unauthorized');
      expect(certification.notReleased).toBeUndefined();
      const alone = await cleanUpAlone({ ...input, limits, timeScale: 1 });
      expect(alone).toMatchObject({ outcome: 'not-released', why: expect.stringContaining('unauthorized') });
    }));

  it.concurrent('releases what a killed process left, from the event id alone', () =>
    withCertifiable(manifest, async ({ input, sim }) => {
      const billed = billedSince(sim);
      const { createDriver } = await manifest.load();
      const driver = createDriver(input.account, driverContext);
      const channel = await reach(() => driver.allocate(eventFor(manifest, input.eventId)));
      await reach(() => driver.start(channel));
      const listed = (await driver.owned()).items.length > 0;
      expect(await cleanUpAlone(input)).toEqual({ outcome: listed ? 'released' : 'nothing-seen' });
      // Asked again, it says that it saw nothing, and not that it released something.
      expect(await cleanUpAlone(input)).toEqual({ outcome: 'nothing-seen' });
      expect((await driver.owned()).items).toEqual([]);
      expect(billed()).toEqual([]);
    }));
});

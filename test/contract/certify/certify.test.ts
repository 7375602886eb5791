import { describe, expect, it, vi } from 'vitest';
import { certify, cleanUpAlone, isPassed } from '../../../certify/certify.ts';
import { promises } from '../../../certify/promises.ts';
import { certificationMarkdown, verdictText } from '../../../certify/report-text.ts';
import { eventFor } from '../../../certify/steps.ts';
import { vendors } from '../../../vendors/registry.ts';
import { driverContext } from '../../support/accounts.ts';
import { reach } from '../reach.ts';
import { billedSince, found, withCertifiable } from './certify-harness.ts';

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

      const report = JSON.stringify(certification) + certificationMarkdown(certification);
      expect(secrets.size).toBeGreaterThan(0);
      expect([...secrets].filter((secret) => report.includes(secret))).toEqual([]);
    }));

  it.concurrent.each([
    ['while the encoder sends', 'the encoder is dropped'],
    ['while it waits for the recording', 'waiting for the recording'],
  ])('cleans up when it is interrupted %s', (_when, line) =>
    withCertifiable(manifest, async ({ input, sim }) => {
      const billed = billedSince(sim);
      const operator = new AbortController();
      const say = (said: string) => said.startsWith(line) && operator.abort(new Error('SIGINT'));
      const certified = await certify({ ...input, signal: operator.signal, say });
      expect(certified.certification).toMatchObject({ outcome: 'incomplete', why: 'it was ended: SIGINT' });
      expect(certified.certification.notReleased).toBeUndefined();
      expect(found(certified, 'confirmed').some((text) => text.startsWith('clean-up'))).toBe(true);
      expect(billed()).toEqual([]);
    }),
  );

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

  it.concurrent('cleans up when a check fails by itself', () =>
    withCertifiable(manifest, async ({ input, sim }) => {
      const billed = billedSince(sim);
      const say = (said: string) => {
        if (said.startsWith('the encoder is dropped')) throw new TypeError('a bug');
      };
      const { certification } = await certify({ ...input, say });
      expect(certification).toMatchObject({ outcome: 'incomplete', why: 'the show failed: a bug' });
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

  it.concurrent('does not count the wait for the recording as minutes that are billed', () =>
    withCertifiable(manifest, async ({ input }) => {
      const runningMs = 3_600_000 + vendors.indexOf(manifest);
      const [set, clear] = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'clearTimeout')];
      const isOver = () => {
        const at = set.mock.calls.findIndex(([, ms]) => ms === runningMs);
        const timer = set.mock.results[at]?.value;
        return timer !== undefined && clear.mock.calls.some(([one]) => one === timer);
      };
      const seen: Record<string, boolean> = {};
      const operator = new AbortController();
      const say = (said: string) => {
        if (said.startsWith('the channel is stopped')) seen.atTheStop = isOver();
        if (!said.startsWith('waiting for the recording')) return;
        seen.atTheRecording = isOver();
        operator.abort(new Error('seen'));
      };
      await certify({ ...input, limits: { ...input.limits, runningMs }, say, signal: operator.signal });
      expect(seen).toEqual({ atTheStop: false, atTheRecording: true });
    }));

  it.concurrent('closes the channel when its minutes are used up', () =>
    withCertifiable(manifest, async ({ input, sim }) => {
      const billed = billedSince(sim);
      const limits = { ...input.limits, windowMs: 60_000, runningMs: 2_000 };
      const { certification } = await certify({ ...input, limits });
      expect(certification.why).toBe('it was ended: the minutes that it may cost are used up');
      expect(billed()).toEqual([]);
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

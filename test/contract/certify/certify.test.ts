import { describe, expect, it } from 'vitest';
import { certify, cleanUpAlone } from '../../../certify/certify.ts';
import { promises } from '../../../certify/promises.ts';
import { certificationMarkdown } from '../../../certify/report-text.ts';
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
      expect(certification).toMatchObject({ outcome: 'confirmed', vendor: manifest.name, account: 'default' });
      expect(certification.why).toBeUndefined();
      expect(certification.findings.map(({ promise }) => promise)).toEqual(Object.keys(promises));
      // Only what the vendor does not have cannot be seen.
      const unseen = found(certified, 'not testable').map((text) => text.split(':')[0]);
      expect(unseen).toEqual(unseen.includes('live-list') ? ['live-list'] : []);
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
      expect(await cleanUpAlone(input)).toBeUndefined();
      expect((await driver.owned()).items).toEqual([]);
      expect(billed()).toEqual([]);
    }));
});

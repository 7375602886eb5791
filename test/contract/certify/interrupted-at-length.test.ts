import { describe, expect, it, vi } from 'vitest';
import { certify, cleanUpAlone } from '../../../certify/certify.ts';
import { vendors } from '../../../vendors/registry.ts';
import { billedSince, cleansUpWhenInterrupted, withCertifiable } from './certify-harness.ts';

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('cleans up when it is interrupted while it waits for the recording', () =>
    cleansUpWhenInterrupted(manifest, 'waiting for the recording'));

  /** A show makes 80 calls and more. */
  it.concurrent.each([1, 2, 5, 9, 14, 20, 27, 35, 44, 54, 65])(
    'leaves nothing when it is interrupted at call %d',
    (at) =>
      withCertifiable(manifest, async ({ input, sim }) => {
        const billed = billedSince(sim);
        const operator = new AbortController();
        let calls = 0;
        const acquire = async () => {
          calls += 1;
          if (calls === at) operator.abort(new Error('SIGINT'));
        };
        const limits = { ...input.limits, windowMs: 1_000 };
        const { certification } = await certify({ ...input, limits, signal: operator.signal, hooks: { acquire } });
        expect(calls).toBeGreaterThanOrEqual(at);
        expect(certification.notReleased).toBeUndefined();
        expect(certification.outcome).not.toBe('contradicted');
        expect(billed()).toEqual([]);
        expect(await cleanUpAlone(input)).toEqual({ outcome: 'nothing-seen' });
      }),
  );

  it.concurrent('cleans up when a check fails by itself', () =>
    withCertifiable(manifest, async ({ input, sim }) => {
      const billed = billedSince(sim);
      const say = (said: string) => {
        if (said.startsWith('the encoder is dropped')) throw new TypeError('a bug');
      };
      const { certification } = await certify({ ...input, say });
      expect(certification).toMatchObject({
        outcome: 'incomplete',
        why: 'the show failed: a bug in showcaller: TypeError: a bug',
      });
      expect(billed()).toEqual([]);
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

  it.concurrent('a show that ended before the encoder was seen to be gone has confirmed no promise of which that is a part', async () => {
    const certified = await cleansUpWhenInterrupted(manifest, 'the encoder is dropped by a reset');
    const verdicts = Object.fromEntries(
      certified.certification.findings.map(({ promise, verdict }) => [promise, verdict]),
    );
    expect(verdicts).toMatchObject({
      allocate: 'confirmed',
      'clean-up': 'confirmed',
      place: 'confirmed',
      sweep: 'confirmed',
      presence: 'not testable',
      reset: 'not testable',
      idempotence: 'not testable',
    });
  });
});

import { describe, expect, it } from 'vitest';
import { mostPreflightCalls } from '../../vendors/preflight.ts';
import { vendors } from '../../vendors/registry.ts';
import { type ContractHarness, withHarness } from './contract-harness.ts';
import { alibabaOss } from './preflight-causes/alibaba-oss.ts';
import { awsIvs } from './preflight-causes/aws-ivs.ts';
import { azureMediaServices } from './preflight-causes/azure-media-services.ts';
import type { Cause } from './preflight-causes/causes.ts';
import { volcengineLive } from './preflight-causes/volcengine-live.ts';
import { eventFor } from './show.ts';

const causes: Readonly<Record<string, readonly Cause[]>> = {
  'aws-ivs': awsIvs,
  'azure-media-services': azureMediaServices,
  'alibaba-oss': alibabaOss,
  'volcengine-live': volcengineLive,
};

/** What the vendor's log has that is more than a question and was not refused: a permission is asked for with what cannot be done. */
const changes = ({ kit }: ContractHarness) =>
  kit.log
    .entries({})
    .filter(({ operation, status }) => !isQuestion(operation) && status < 400)
    .map(({ operation, status }) => `${operation} ${status}`);

/**
 * By the names that vendors give to questions. Volcengine keeps nothing of the addresses that it signs, and answers 200 to
 * KillStream and ResumeStream of a stream that does not exist: that none was cut is seen by what is there.
 */
const isQuestion = (operation: string): boolean =>
  /(^|_|:)(Get|List|Describe|Head|Simulate|Check|Query|Generate(Push|Play)URL|(Kill|Resume)Stream|vod|Playlist)/.test(
    operation,
  );

/** What is at the vendor, but for what comes up by itself. */
const thereNow = ({ sim, ofEvents }: ContractHarness) => JSON.stringify([ofEvents(), sim.made()]);

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('finds nothing wrong with a healthy account, and changes nothing in it', () =>
    withHarness(manifest, {}, async (harness) => {
      const before = thereNow(harness);
      const { findings } = await harness.driver.preflight(eventFor(harness, 'healthy'), async () => ({ events: 0 }));
      expect(findings).toEqual([]);
      expect(harness.operations().length).toBeGreaterThan(0);
      expect(harness.operations().length).toBeLessThanOrEqual(mostPreflightCalls);
      expect(changes(harness)).toEqual([]);
      expect(thereNow(harness)).toBe(before);
    }));

  it.concurrent('does not see what a throttled call would have said, and finds nothing in that', () =>
    withHarness(manifest, {}, async (harness) => {
      const event = eventFor(harness, 'throttled');
      const look = () => harness.driver.preflight(event, async () => ({ events: 0 }));
      await look();
      const [first, ...later] = harness.operations();
      for (const operation of new Set(later.filter((one) => one !== first && !one.startsWith('media:')))) {
        harness.kit.faults.add(manifest.name, { operation, kind: 'throttle' });
        const { findings, unseen } = await look();
        expect({ operation, findings, unseen: unseen.length > 0 }).toEqual({ operation, findings: [], unseen: true });
        harness.kit.faults.clear();
      }
    }));

  it.concurrent('has twelve causes planted at least', () => {
    // The vendor that is added by a test has its own suite.
    expect(causes[manifest.name]?.length ?? 12).toBeGreaterThanOrEqual(12);
  });

  it.concurrent.each(causes[manifest.name] ?? [])('names it before anything is made: $what', (cause) =>
    withHarness(manifest, cause.harness ?? {}, async (harness) => {
      const event = eventFor(harness, 'flawed', cause.event);
      const encoder = await cause.plant?.(harness, event);
      const before = thereNow(harness);
      harness.kit.log.clear();
      const { findings } = await harness.driver.preflight(event, async () => cause.planned ?? { events: 0 });
      expect(findings).toContainEqual({
        check: cause.check,
        message: expect.stringMatching(cause.message),
        advice: expect.stringMatching(cause.advice),
      });
      expect(harness.operations().length).toBeLessThanOrEqual(mostPreflightCalls);
      expect(changes(harness)).toEqual([]);
      expect(thereNow(harness)).toBe(before);
      if (encoder) await encoder.stop();
    }),
  );
});

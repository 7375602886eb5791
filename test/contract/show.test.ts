import { describe, expect, it } from 'vitest';
import { proveAll } from '../../activities/proof/prove.ts';
import { vendors } from '../../vendors/registry.ts';
import { withHarness } from './contract-harness.ts';
import { eventFor, knock, wholeShow } from './show.ts';

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('takes a show from nothing to a proved recording and back to nothing', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const { endpoint, windows, endedAt, evidence, assets } = await wholeShow(harness, eventFor(harness, 'whole'));

      expect(evidence.sessions.every((one, i, all) => i === 0 || one.startedAt >= (all[i - 1]?.startedAt ?? 0))).toBe(
        true,
      );
      expect(assets).not.toEqual([]);
      const proof = await proveAll({
        assets,
        windows,
        showEndedAt: endedAt,
        fetch: (url, range) => driver.fetchVod(url, range),
        pause: async () => undefined,
      });
      expect(proof.reason).toBeUndefined();
      expect(await knock(endpoint.url)).toMatch(/^refused/);
      expect(harness.added().filter(({ billed }) => billed)).toEqual([]);
      expect((await driver.owned()).items).toEqual([]);
    }));
});

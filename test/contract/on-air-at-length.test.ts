import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Viewer } from '../../activities/on-air/viewer.ts';
import type { Channel } from '../../domain/channel.ts';
import type { OnAirState } from '../../domain/on-air.ts';
import type { PlaybackFaultKind } from '../../simulators/kit/types.ts';
import { createHttp } from '../../vendors/http.ts';
import { vendors } from '../../vendors/registry.ts';
import { viewerGet } from '../../worker/viewer.ts';
import { givesUpAfterMs } from '../support/hangs.ts';
import { type ContractHarness, withHarness } from './contract-harness.ts';
import { eventFor, opened, push } from './show.ts';

const get = viewerGet(createHttp());
/** Fixtures are cut at their key frames, which come every two seconds. */
const options: Record<string, object> = { 'alibaba-oss': { fragDuration: 2 } };
const withLists = ['aws-ivs', 'azure-media-services'];

async function viewerOf({ driver }: ContractHarness, channel: Channel): Promise<Viewer> {
  const { hls = '' } = await driver.playback(channel);
  return new Viewer({ url: hls, get, sign: (url) => driver.viewerUrl(channel, url), elapsed: () => performance.now() });
}

/** Looks until a condition holds; the states that were seen on the way, each once in a row. */
async function looks(viewer: Viewer, isThere: () => boolean): Promise<OnAirState[]> {
  const states: OnAirState[] = [];
  for (const until = performance.now() + givesUpAfterMs; performance.now() < until; await pause(500)) {
    await viewer.look();
    if (states.at(-1) !== viewer.main.state) states.push(viewer.main.state);
    if (isThere()) return states;
  }
  throw new Error(`not reached: ${states.join(', ')}; ${viewer.main.reason}`);
}

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('is seen as viewers see it: the first segment, late or not, a freeze, a stale edge, an end', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver, kit } = harness;
      const fault = (kind: PlaybackFaultKind, times?: number) =>
        kit.faults.add(manifest.name, { operation: '*', kind, ...(times !== undefined && { times }) });
      const event = eventFor(harness, 'on-air', { options: { ...options[manifest.name] } as never });
      const { channel } = await opened(driver, event);
      const viewer = await viewerOf(harness, channel);
      await viewer.look();
      expect(viewer.main.state).toBe('dark');
      const encoder = await push(driver, channel);
      fault('late-first-segment', 6);
      await looks(viewer, () => viewer.main.state === 'on-air');
      expect(kit.log.entries({ vendor: manifest.name, fault: 'late-first-segment' })).toHaveLength(6);

      fault('freeze');
      expect(await looks(viewer, () => viewer.main.state === 'frozen')).toEqual(['on-air', 'frozen']);
      kit.faults.clear();
      await looks(viewer, () => viewer.main.state === 'on-air');

      fault('stale');
      const until = performance.now() + 4 * viewer.main.targetMs;
      expect(await looks(viewer, () => performance.now() > until)).toEqual(['on-air']);
      kit.faults.clear();

      if (withLists.includes(manifest.name)) {
        fault('one-variant-dead');
        const another = await viewerOf(harness, channel);
        await looks(another, () => another.dead.length === 1);
        expect([another.main.state, another.variants]).toEqual(['on-air', 2]);
        kit.faults.clear();
      }

      fault('gone');
      expect(await looks(viewer, () => viewer.main.state === 'gone')).toEqual(['on-air', 'gone']);
      await encoder.stop();
    }));

  it.concurrent('gets the first segment after a reconnect as new, whatever numbers and addresses it has', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const event = eventFor(harness, 'on-air-again', { options: { ...options[manifest.name] } as never });
      const { channel } = await opened(driver, event);
      const viewer = await viewerOf(harness, channel);
      const encoder = await push(driver, channel);
      await looks(viewer, () => (viewer.main.playlist?.newest ?? 0) >= 3 && viewer.main.state === 'on-air');
      await encoder.stop();
      // Its last segment comes now.
      await looks(viewer, () => performance.now() - (viewer.main.progressAt ?? 0) > viewer.main.targetMs);
      const another = await push(driver, channel);
      const pushedAt = performance.now();
      // Who comes now knows nothing of the numbers before.
      const newcomer = await viewerOf(harness, channel);
      await looks(newcomer, () => newcomer.main.state === 'on-air');
      await viewer.look();
      expect(viewer.main.state).toBe('on-air');
      expect(viewer.main.progressAt).toBeGreaterThan(pushedAt);
      await another.stop();
    }));
});

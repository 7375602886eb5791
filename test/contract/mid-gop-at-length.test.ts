import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { proveAll } from '../../activities/proof/prove.ts';
import type { LiveWindow } from '../../domain/channel.ts';
import { totalMs } from '../../domain/spans.ts';
import { withSessions } from '../../domain/windows.ts';
import { type MediaTag, readFlvTags } from '../../simulators/kit/flv.ts';
import { packetsOf } from '../../simulators/kit/media-packets.ts';
import { RtmpPublisher } from '../../simulators/kit/rtmp-publisher.ts';
import { vendors } from '../../vendors/registry.ts';
import { withHarness } from './contract-harness.ts';
import { reach } from './reach.ts';
import { eventFor, firstEndpoint, opened, untilEncoder } from './show.ts';

const tags = readFlvTags(readFileSync(new URL('../../simulators/kit/fixture.flv', import.meta.url)));
const isConfig = (tag: MediaTag): boolean => packetsOf(tag).some(({ kind }) => kind === 'config');
/** The key frames of the clip are two seconds apart; an encoder that joins behind the first has none for so long. */
const joinsAtMs = 100;
const leavesAtMs = 3_400;

/** Pushes in real time from between two key frames on. */
async function pushMidGop(url: string): Promise<void> {
  const publisher = await RtmpPublisher.open(url);
  const begunAt = performance.now();
  for (const tag of tags.filter(isConfig)) publisher.send({ ...tag, timestamp: 0 });
  for (const tag of tags) {
    if (isConfig(tag) || tag.type === 'data' || tag.timestamp < joinsAtMs || tag.timestamp > leavesAtMs) continue;
    const timestamp = tag.timestamp - joinsAtMs;
    await pause(Math.max(0, timestamp - (performance.now() - begunAt)));
    publisher.send({ ...tag, timestamp });
  }
  await publisher.stop();
}

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('a recording is not proved that lacks half of each of three sessions', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const { channel, output } = await opened(driver, eventFor(harness, 'mid-gop'));
      const openedAt = Date.now();
      const { url } = await firstEndpoint(driver, channel);
      const seen: LiveWindow[] = [];
      for (let session = 0; session < 3; session += 1) {
        const pushing = pushMidGop(url);
        const { since } = await untilEncoder(driver, channel, 'connected');
        await pushing;
        seen.push({ from: since ?? Date.now(), to: Date.now() });
        await untilEncoder(driver, channel, 'absent');
        // The start of a session has whole seconds.
        await pause(1_100);
      }
      const showEndedAt = Date.now();
      const { sessions } = await reach(() => driver.stop(channel, output), 'after-show');
      const windows = withSessions(seen, sessions, { from: openedAt, to: Date.now() });
      expect(totalMs(windows)).toBeGreaterThan(8_000);
      // OSS waits for a minute for what may still be on its way.
      const assets = await reach(() => driver.publishVod(channel, output, windows), 'recording', 90_000);
      const proof = await proveAll({
        assets,
        windows,
        showEndedAt,
        fetch: (address, range) => driver.fetchVod(address, range),
        pause: async () => undefined,
      });
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
      expect(proof).toMatchObject({ proved: false, reason: expect.stringMatching(/too short|in none of them/) });
    }));
});

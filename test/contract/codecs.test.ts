import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type MediaTag, readFlvTags } from '../../simulators/kit/flv.ts';
import { RtmpPublisher } from '../../simulators/kit/rtmp-publisher.ts';
import { vendors } from '../../vendors/registry.ts';
import { until, untilPasses } from '../support/until.ts';
import { type ContractHarness, withHarness } from './contract-harness.ts';
import { eventFor, firstEndpoint, opened } from './show.ts';

const clip = readFlvTags(await readFile(new URL('../../simulators/kit/fixture.flv', import.meta.url)));
const enhanced = (type: 'audio' | 'video', first: number, fourCc: string): MediaTag => ({
  type,
  timestamp: 0,
  data: Buffer.concat([Buffer.of(first), Buffer.from(fourCc), Buffer.of(1, 2, 3, 4)]),
});
const av1 = enhanced('video', 0x90, 'av01');
const opus = enhanced('audio', 0x90, 'Opus');

async function publisherTo(harness: ContractHarness, eventId: string): Promise<RtmpPublisher> {
  const { channel } = await opened(harness.driver, eventFor(harness, eventId));
  const { url } = await firstEndpoint(harness.driver, channel);
  return untilPasses(() => RtmpPublisher.open(url));
}

const untilNoted = ({ kit, manifest }: ContractHarness, what: RegExp) =>
  until(() => kit.log.entries({ vendor: manifest.name }).some(({ note }) => what.test(note ?? '')));

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('sends an encoder away whose picture it does not take, and says so', () =>
    withHarness(manifest, {}, async (harness) => {
      const publisher = await publisherTo(harness, 'av1');
      publisher.send(av1);
      await publisher.closed;
      await untilNoted(harness, /codec AV1|CODEC_NOT_SUPPORTED/);
    }));

  it.concurrent('sends an encoder away whose sound it does not take, or leaves that out, and says so', () =>
    withHarness(manifest, {}, async (harness) => {
      const publisher = await publisherTo(harness, 'opus');
      publisher.send(opus);
      if (manifest.name !== 'alibaba-oss') await publisher.closed;
      await untilNoted(harness, /Opus|CODEC_NOT_SUPPORTED/);
      publisher.drop();
    }));

  it.concurrent('goes on over a damaged message, and says what it left out', () =>
    withHarness(manifest, {}, async (harness) => {
      const publisher = await publisherTo(harness, 'damaged');
      const picture = clip.find(({ type, data }) => type === 'video' && data[1] === 1);
      for (const tag of clip.slice(0, 20)) publisher.send(tag);
      if (picture) publisher.send({ ...picture, timestamp: 700, data: picture.data.subarray(0, 40) });
      await untilNoted(harness, /cut off/);
      expect(publisher.open).toBe(true);
      publisher.drop();
    }));
});

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
const classic = (type: 'audio' | 'video', first: number): MediaTag => ({
  type,
  timestamp: 0,
  data: Buffer.of(first, 0, 0, 0, 0, 1, 2, 3),
});

/** https://veovera.org/docs/enhanced/enhanced-rtmp-v2 and https://rtmp.veriskope.com/pdf/video_file_format_spec_v10_1.pdf */
const pictures: [codec: string, MediaTag][] = [
  ['AV1', enhanced('video', 0x90, 'av01')],
  ['VP9', enhanced('video', 0x90, 'vp09')],
  ['VP8', enhanced('video', 0x90, 'vp08')],
  ['VVC', enhanced('video', 0x90, 'vvc1')],
  ['HEVC', enhanced('video', 0x90, 'hvc1')],
  ['HEVC', classic('video', 0x1c)],
  ['H263', classic('video', 0x12)],
  ['VP6', classic('video', 0x14)],
  ['Screen', classic('video', 0x13)],
];
const sounds: [codec: string, MediaTag][] = [
  ['Opus', enhanced('audio', 0x90, 'Opus')],
  ['AC-3', enhanced('audio', 0x90, 'ac-3')],
  ['E-AC-3', enhanced('audio', 0x90, 'ec-3')],
  ['FLAC', enhanced('audio', 0x90, 'fLaC')],
  ['MP3', enhanced('audio', 0x91, '.mp3')],
  ['MP3', classic('audio', 0x2f)],
  ['Speex', classic('audio', 0xb2)],
  ['Nellymoser', classic('audio', 0x62)],
  ['G711', classic('audio', 0x72)],
  ['PCM', classic('audio', 0x3f)],
  ['ADPCM', classic('audio', 0x1f)],
];
/** Beside H.264 and AAC. */
const alsoTaken: Record<string, string[]> = { 'volcengine-live': ['HEVC', 'MP3'] };

async function ingestOf(harness: ContractHarness, eventId: string): Promise<string> {
  const { channel } = await opened(harness.driver, eventFor(harness, eventId));
  return (await firstEndpoint(harness.driver, channel)).url;
}

const publisherTo = async (harness: ContractHarness, eventId: string): Promise<RtmpPublisher> => {
  const url = await ingestOf(harness, eventId);
  return untilPasses(() => RtmpPublisher.open(url));
};

const untilNoted = ({ kit, manifest }: ContractHarness, what: RegExp) =>
  until(() => kit.log.entries({ vendor: manifest.name }).some(({ note }) => what.test(note ?? '')));

describe.concurrent.each(vendors)('$name', (manifest) => {
  const refused = (codecs: [string, MediaTag][]) =>
    codecs.filter(([codec]) => !alsoTaken[manifest.name]?.includes(codec));

  it.concurrent('sends an encoder away whose picture it does not take, whatever its codec is, and says so', () =>
    withHarness(manifest, {}, async (harness) => {
      const url = await ingestOf(harness, 'pictures');
      for (const [codec, tag] of refused(pictures)) {
        harness.kit.log.clear();
        const publisher = await untilPasses(() => RtmpPublisher.open(url));
        publisher.send(tag);
        await publisher.closed;
        await untilNoted(harness, new RegExp(`\\b${codec}\\b|CODEC_NOT_SUPPORTED`));
      }
    }));

  it.concurrent('sends an encoder away whose sound it does not take, or leaves that out, and says so', () =>
    withHarness(manifest, {}, async (harness) => {
      const url = await ingestOf(harness, 'sounds');
      for (const [codec, tag] of refused(sounds)) {
        harness.kit.log.clear();
        const publisher = await untilPasses(() => RtmpPublisher.open(url));
        publisher.send(tag);
        if (manifest.name !== 'alibaba-oss') await publisher.closed;
        await untilNoted(harness, new RegExp(`\\b${codec}\\b|CODEC_NOT_SUPPORTED`));
        publisher.drop();
      }
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

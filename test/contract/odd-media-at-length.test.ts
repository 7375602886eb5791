import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Viewer } from '../../activities/on-air/viewer.ts';
import { readFlvTags } from '../../simulators/kit/flv.ts';
import { RtmpPublisher } from '../../simulators/kit/rtmp-publisher.ts';
import { createHttp } from '../../vendors/http.ts';
import type { VendorManifest } from '../../vendors/manifest.ts';
import { vendorNamed, vendors } from '../../vendors/registry.ts';
import { viewerGet } from '../../worker/viewer.ts';
import {
  asHevc,
  asMp3,
  type Change,
  damaged,
  enhanced,
  heAac,
  lateSound,
  oneMp3Tag,
  opusBeside,
  pictureOnly,
  soundOnly,
  twoTracks,
  unknownPackets,
  wildFrame,
  withoutSoundSetUp,
} from '../support/odd-media.ts';
import { otherWire, type Wire } from '../support/other-wire.ts';
import { until, untilPasses } from '../support/until.ts';
import { type ContractHarness, withHarness } from './contract-harness.ts';
import { eventFor, firstEndpoint, opened } from './show.ts';

const clip = readFlvTags(await readFile(new URL('../../simulators/kit/fixture.flv', import.meta.url)));
const get = viewerGet(createHttp());
/** The fixture is cut at its key frames, which come every two seconds. */
const options: Record<string, object> = { 'alibaba-oss': { fragDuration: 2 } };

const picture = 0x1b;
const sound = 0x0f;
const both = [picture, sound];
const [hevc, mp3] = [0x24, 0x03];
/** Each with what its segments list, and what `/log` says of it. */
const recordedAt: [how: string, change: Change, lists: number[], noted?: RegExp][] = [
  ['enhanced RTMP', enhanced, both],
  ['sound that is set up late', lateSound, both],
  ['sound in HE-AAC', heAac, both],
  ['sound only', soundOnly, [sound]],
  ['a picture only', pictureOnly, [picture]],
  ['sound that is never set up', withoutSoundSetUp, [picture], /AAC came without its set-up/],
  ['two tracks of sound', twoTracks, both, /audio track 1 is not recorded/],
  ['a second track in Opus', opusBeside, both, /audio track 1 is not recorded/],
  ['a frame that is hours off', wildFrame, both, /the clock of the video jumped/],
  ['packets of unknown kinds', unknownPackets, both, /of an unknown kind of packet/],
  ['a damaged frame', damaged, both, /cut off/],
];
const wires: [how: string, Wire][] = [
  ['chunks of 1 byte', { chunkSize: 1 }],
  ['aggregates, and long timestamps said once', { together: 7, longTimestamps: 'once', chunkSize: 999 }],
];

/** What the tables of a segment list. */
function listedIn(bytes: Uint8Array): number[] {
  const map = Buffer.from(bytes).subarray(188 + 5, 376);
  const found = [];
  for (let at = 12; at < 3 + (map.readUInt16BE(1) & 0xfff) - 4; at += 5) found.push(map.readUInt8(at));
  return found;
}

async function openScene(harness: ContractHarness, atEnd: (close: () => void) => void) {
  const { driver, kit, manifest } = harness;
  const event = eventFor(harness, 'odd', { options: { ...options[manifest.name] } as never });
  const { channel } = await opened(driver, event);
  const { url } = await firstEndpoint(driver, channel);
  const { hls = '' } = await driver.playback(channel);
  const sign = (address: string) => driver.viewerUrl(channel, address);
  return {
    notes: () => kit.log.entries({ vendor: manifest.name }).flatMap(({ note }) => note ?? []),
    /** Pushes, and gives what a segment of it lists, as viewers get it. */
    async push(change: Change, wire: Wire = {}): Promise<number[]> {
      const address = await otherWire(url, wire, atEnd);
      const publisher = await untilPasses(() => RtmpPublisher.open(address));
      for (const tag of change(clip)) if (!publisher.send(tag)) await publisher.drained();
      const viewer = new Viewer({ url: hls, get, sign, elapsed: () => performance.now() });
      const segment = await until(async () => {
        expect(publisher.open).toBe(true);
        await viewer.look();
        return viewer.newestSegment();
      });
      await publisher.stop();
      return listedIn(segment.bytes);
    },
    url,
  };
}

async function inScene(
  manifest: VendorManifest,
  test: (scene: Awaited<ReturnType<typeof openScene>>) => Promise<void>,
) {
  const ends: (() => void)[] = [];
  await withHarness(manifest, {}, async (harness) => test(await openScene(harness, (end) => ends.push(end)))).finally(
    () => {
      for (const end of ends) end();
    },
  );
}

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent.each(recordedAt)('records %s, and says in its log what it left out', (_how, change, lists, noted) =>
    inScene(manifest, async ({ push, notes }) => {
      expect(await push(change)).toEqual(lists);
      if (noted) await until(() => notes().some((note) => noted.test(note)));
      else expect(notes().filter((note) => /record|jumped|cut off|without/.test(note))).toEqual([]);
    }),
  );

  it.concurrent.each(wires)('records what comes in %s', (_how, wire) =>
    inScene(manifest, async ({ push }) => expect(await push((tags) => tags, wire)).toEqual(both)),
  );

  it.concurrent('leaves out a single sound in MP3, or sends the encoder away for it, and says so', ({
    onTestFinished,
  }) =>
    withHarness(manifest, {}, async (harness) => {
      const scene = await openScene(harness, onTestFinished);
      const publisher = await untilPasses(() => RtmpPublisher.open(scene.url));
      for (const tag of oneMp3Tag(clip)) if (!publisher.send(tag)) await publisher.drained();
      if (['aws-ivs', 'azure-media-services'].includes(manifest.name)) await publisher.closed;
      await until(() => scene.notes().some((note) => /\bMP3\b|CODEC_NOT_SUPPORTED/.test(note)));
      if (['alibaba-oss', 'volcengine-live'].includes(manifest.name)) expect(publisher.open).toBe(true);
      publisher.drop();
    }));
});

describe.concurrent('volcengine-live', () => {
  const manifest = vendorNamed('volcengine-live') as VendorManifest;

  it.concurrent.each<[string, Change, number[]]>([
    ['HEVC', asHevc, [hevc, sound]],
    ['MP3', asMp3, [picture, mp3]],
  ])('records %s too', (_codec, change, lists) =>
    inScene(manifest, async ({ push }) => expect(await push(change)).toEqual(lists)),
  );
});

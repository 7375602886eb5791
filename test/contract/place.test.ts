import { describe, expect, it } from 'vitest';
import type { Channel } from '../../domain/channel.ts';
import { vendors } from '../../vendors/registry.ts';
import { type ContractHarness, withHarness } from './contract-harness.ts';
import { reach, refusalOf } from './reach.ts';
import { eventFor, opened } from './show.ts';

/** What moves an account to another place, one setting at a time. */
const moves: Record<string, Record<string, string>[]> = {
  'alibaba-oss': [{ bucket: 'another-bucket' }, { region: 'eu-central-1' }, { endpoint: 'http://127.0.0.2:1' }],
  'aws-ivs': [{ region: 'eu-west-1' }, { endpoint: 'http://127.0.0.2:1' }, { accountNumber: '999999999999' }],
  'azure-media-services': [
    { subscriptionId: '99999999-2222-3333-4444-555555555555' },
    { resourceGroup: 'another' },
    { accountName: 'another' },
    { endpoint: 'http://127.0.0.2:1' },
  ],
  'volcengine-live': [
    { vhost: 'another.example.com' },
    { app: 'another' },
    { region: 'ap-singapore-1' },
    { host: '127.0.0.2:1' },
  ],
};

/** What may change while a show is live: the place stays the same. */
const rotations: Record<string, Record<string, string>> = {
  'alibaba-oss': { accessKeyId: 'LTAI9', accessKeySecret: 'other', playbackBaseUrl: 'https://cdn.example.com' },
  'aws-ivs': { accessKeyId: 'AKIAOTHER', secretAccessKey: 'other', playbackBaseUrl: 'https://cdn.example.com' },
  'azure-media-services': { clientSecret: 'other', token: 'other', playbackBaseUrl: 'https://cdn.example.com' },
  'volcengine-live': { accessKeyId: 'other', secretKey: 'other', pullDomain: 'pull.example.com' },
};

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent.for(moves[manifest.name] ?? [])(
    'answers nothing of a channel that was made elsewhere: %j',
    (settings) =>
      withHarness(manifest, {}, async (harness) => {
        const { channel, output } = await opened(harness.driver, eventFor(harness, 'moved'));
        const there = harness.ofEvents();
        const moved = await harness.anotherDriver(settings);
        harness.kit.log.clear();
        const steps: Record<string, () => unknown> = {
          allocate: () => moved.allocate(eventFor(harness, 'moved', { made: channel.ref })),
          start: () => moved.start(channel),
          createOutput: () => moved.createOutput(channel),
          observe: () => moved.observe(channel),
          playback: () => moved.playback(channel),
          viewerUrl: () => moved.viewerUrl(channel, 'https://example.com/live.m3u8'),
          reset: () => moved.reset(channel, output),
          stop: () => moved.stop(channel, output),
          publishVod: () => moved.publishVod(channel, output, []),
          cleanUp: () => moved.cleanUp(channel.ref),
          ingest: () => moved.ingest(channel),
        };
        for (const [name, step] of Object.entries(steps)) {
          const { facts } = await refusalOf(step);
          expect({ [name]: [facts.kind, facts.code] }).toEqual({ [name]: ['unavailable', 'AnotherPlace'] });
          expect(facts.message).toContain(channel.ref.place);
          expect(facts.advice).toMatch(/configure account/);
        }
        expect(harness.operations()).toEqual([]);
        expect(harness.ofEvents()).toEqual(there);
        await goesOnOnceBack(harness, channel);
      }),
  );

  it.concurrent('writes the same place after keys were changed, and no key into it', () => {
    const settings = Object.fromEntries(Object.keys(manifest.account.shape).map((key) => [key, `value-of-${key}`]));
    const place = manifest.placeOf(settings);
    expect(manifest.placeOf({ ...settings, ...rotations[manifest.name] })).toBe(place);
    expect(place).not.toMatch(/secret|token|key|password/i);
  });

  it.concurrent('takes a reference without a place as of its own place', () =>
    withHarness(manifest, {}, async (harness) => {
      const { channel, output } = await opened(harness.driver, eventFor(harness, 'older'));
      const { place: _, ...ref } = channel.ref;
      await reach(() => harness.driver.stop({ ...channel, ref }, output), 'after-show');
      await reach(() => harness.driver.cleanUp(ref), 'after-show');
      expect((await harness.driver.owned()).items).toEqual([]);
    }));
});

async function goesOnOnceBack(harness: ContractHarness, { ref }: Channel): Promise<void> {
  const back = await harness.anotherDriver();
  // A stream that is open and silent is no resource of its vendor's.
  for (const item of (await back.owned()).items) expect(item.place).toBe(ref.place);
  await reach(() => back.cleanUp(ref), 'after-show');
  expect((await back.owned()).items).toEqual([]);
  expect(harness.added().filter(({ billed }) => billed)).toEqual([]);
}

it('takes the internal and the public endpoint of one bucket for one place', () => {
  const oss = vendors.find(({ name }) => name === 'alibaba-oss');
  const at = (endpoint: string, region = 'oss-cn-hangzhou') => oss?.placeOf({ bucket: 'shows', region, endpoint });
  expect(at('https://oss-cn-hangzhou-internal.aliyuncs.com', 'cn-hangzhou')).toBe(
    at('https://oss-cn-hangzhou.aliyuncs.com/'),
  );
});

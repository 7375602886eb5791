import { generateKeyPairSync } from 'node:crypto';
import { ImportPlaybackKeyPairCommand, IvsClient } from '@aws-sdk/client-ivs';
import { describe, expect, it } from 'vitest';
import type { Channel } from '../../domain/channel.ts';
import { addressesOf } from '../../domain/playback.ts';
import { readFlvTags } from '../../simulators/kit/flv.ts';
import { packetsOf } from '../../simulators/kit/media-packets.ts';
import { createHttp } from '../../vendors/http.ts';
import { vendors } from '../../vendors/registry.ts';
import { untilPasses } from '../support/until.ts';
import { type ContractHarness, withHarness } from './contract-harness.ts';
import { reach, refusalOf, retried } from './reach.ts';
import { eventFor, opened, push } from './show.ts';

const http = createHttp();

/** A file as a player gets it; addresses in a playlist are relative to it. */
async function asViewer({ driver }: ContractHarness, channel: Channel, url: string) {
  const signed = await driver.viewerUrl(channel, url);
  const { status, body } = await http.get(signed, { timeoutMs: 10_000, trusted: [url] });
  const text = Buffer.from(body).toString();
  const named = text.startsWith('#EXTM3U')
    ? text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    : [];
  return { status, body, text, named: named.map((uri) => new URL(uri, signed).href) };
}

/** Follows the playlists to the newest segment, and gives its first bytes. */
async function newestSegment(harness: ContractHarness, channel: Channel, url: string): Promise<Uint8Array> {
  const top = await asViewer(harness, channel, url);
  expect(top.status).toBe(200);
  const next = top.named.at(-1) ?? '';
  if (top.text.includes('#EXT-X-STREAM-INF')) return newestSegment(harness, channel, next);
  const segment = await asViewer(harness, channel, next);
  expect(segment.status).toBe(200);
  return segment.body;
}

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('says where viewers watch before anything is sent, and viewers see what is sent there', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const event = eventFor(harness, 'watched');
      const allocated = await reach(() => driver.allocate(event));
      const early = await driver.playback(allocated);
      const { channel } = await opened(driver, event);
      const { hls = '' } = await driver.playback(channel);
      expect(early.hls).toBe(hls);
      for (const [, url] of addressesOf(early)) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[^?]+$/);
      expect((await asViewer(harness, channel, hls)).named).toEqual([]);
      const encoder = await push(driver, channel);
      const bytes = await untilPasses(() => newestSegment(harness, channel, hls));
      expect(bytes[0], 'the sync byte of MPEG-TS').toBe(0x47);
      await encoder.stop();
    }));
});

const named = (name: string) => {
  const found = vendors.find((vendor) => vendor.name === name);
  if (!found) throw new Error(`there is no vendor ${name}`);
  return found;
};

/** The first bytes of an answer without an end, which is then left. */
async function bytesOf({ body }: Response, count: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    parts.push(part);
    bytes += part.length;
    if (bytes >= count) break;
  }
  return Buffer.concat(parts);
}

describe.concurrent('what viewers need', () => {
  it.concurrent('aws-ivs: a private channel needs a token, which only a playback key can sign', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', {
      namedCurve: 'secp384r1',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    return withHarness(named('aws-ivs'), {}, async (harness) => {
      const { sim, driver } = harness;
      const { endpoint = '', region = '', accessKeyId = '', secretAccessKey = '' } = sim.client;
      const client = new IvsClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
      await client.send(new ImportPlaybackKeyPairCommand({ publicKeyMaterial: publicKey }));
      const { channel } = await opened(driver, eventFor(harness, 'private', { options: { authorized: true } }));
      const { hls = '', needs } = await driver.playback(channel);
      expect(needs).toBe('viewer-token');
      expect((await refusalOf(() => driver.viewerUrl(channel, hls))).kind).toBe('unauthorized');
      const withKey = { ...harness, driver: await harness.anotherDriver({ playbackKey: privateKey }) };
      const encoder = await push(driver, channel);
      await untilPasses(() => newestSegment(withKey, channel, hls));
      expect((await http.get(hls, { timeoutMs: 5_000, trusted: [hls] })).status).toBe(403);
      await encoder.stop();
    });
  });

  it.concurrent.each(['v1', 'v4'])('alibaba-oss: a private bucket needs a signature of %s for each file', (version) =>
    withHarness(
      named('alibaba-oss'),
      { settings: { playbackAccess: 'signed', signatureVersion: version } },
      async (harness) => {
        const { driver } = harness;
        const { channel } = await opened(driver, eventFor(harness, 'private'));
        const { hls = '', needs } = await driver.playback(channel);
        expect(needs).toBe('signature');
        const signed = await driver.viewerUrl(channel, hls);
        expect(signed).toMatch(/Signature=|x-oss-signature=/);
        const encoder = await push(driver, channel);
        await untilPasses(() => newestSegment(harness, channel, hls));
        const wrong = signed.replace(/(ignature=)[^&]{4}/, '$1AAAA');
        expect((await http.get(wrong, { timeoutMs: 5_000, trusted: [hls] })).status).toBe(403);
        await encoder.stop();
      },
    ),
  );

  it.concurrent('volcengine-live: a pull domain that asks for signatures gives nothing without one', () =>
    withHarness(named('volcengine-live'), {}, async (harness) => {
      const { channel } = await opened(harness.driver, eventFor(harness, 'signed'));
      const { hls = '', needs } = await retried(() => harness.driver.playback(channel));
      expect(needs).toBe('signature');
      expect((await http.get(hls, { timeoutMs: 5_000, trusted: [hls] })).status).toBe(403);
    }));

  it.concurrent('volcengine-live: plays as HTTP-FLV too, from a key frame on', () =>
    withHarness(named('volcengine-live'), {}, async (harness) => {
      const { driver } = harness;
      const { channel } = await opened(driver, eventFor(harness, 'flv'));
      const { flv = '' } = await retried(() => driver.playback(channel));
      expect((await fetch(flv)).status).toBe(403);
      const encoder = await push(driver, channel);
      const signed = await driver.viewerUrl(channel, flv);
      const answer = await untilPasses(async () => {
        const found = await fetch(signed);
        expect(found.status).toBe(200);
        return found;
      });
      expect(answer.headers.get('content-type')).toBe('video/x-flv');
      const tags = readFlvTags(await bytesOf(answer, 30_000)).filter(({ type }) => type !== 'data');
      const kinds = tags.flatMap((tag) => packetsOf(tag).map(({ track, kind, key }) => ({ track, kind, key })));
      const configured = kinds.findIndex(({ kind }) => kind === 'frame');
      expect(new Set(kinds.slice(0, configured).map(({ track }) => track))).toEqual(new Set(['audio', 'video']));
      expect(kinds.find(({ track, kind }) => track === 'video' && kind === 'frame')?.key).toBe(true);
      await encoder.stop();
    }));

  it.concurrent('azure-media-services: a reset records into another asset, so that the address changes', () =>
    withHarness(named('azure-media-services'), {}, async (harness) => {
      const { driver } = harness;
      const { channel, output } = await opened(driver, eventFor(harness, 'reset'));
      const before = await driver.playback(channel);
      const encoder = await push(driver, channel);
      await untilPasses(() => newestSegment(harness, channel, before.hls ?? ''));
      await reach(() => driver.reset(channel, output), 'watching');
      await encoder.done;
      const after = await driver.playback(channel);
      expect(after.hls).not.toBe(before.hls);
      expect(after.dash).toMatch(/format=mpd-time-cmaf/);
      const second = await push(driver, channel);
      await untilPasses(() => newestSegment(harness, channel, after.hls ?? ''));
      await second.stop();
    }));
});

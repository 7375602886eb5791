import { createCipheriv, createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { proveAsset } from '../../../../activities/proof/prove.ts';
import { tsMedia } from '../../../support/media.ts';
import { base, input, Store, windowOf } from './recording.ts';

const count = 43_200;
/** What a proof looks at of one recording: so many segments, each from both ends. */
const segmentsLookedAt = 500;
const mostRequests = 2 + 3 * segmentsLookedAt;

const keyOf = (i: number) => createHash('md5').update(`key ${i}`).digest();

/** Twelve hours in segments of a second, each with a key of its own; a segment is made when it is asked for. */
function twelveHours(): Store {
  const from = new Store();
  const lines = Array.from({ length: count }, (_, i) => [
    `#EXT-X-KEY:METHOD=AES-128,URI="keys/${i}"`,
    '#EXTINF:1.000,',
    `${i}.ts`,
  ]);
  const head = ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:1', '#EXT-X-PLAYLIST-TYPE:VOD'];
  from.put('index.m3u8', [...head, ...lines.flat(), '#EXT-X-ENDLIST', ''].join('\n'));
  return from;
}

function makeFile(from: Store, url: string): void {
  const [, key, segment] = /keys\/(\d+)$|\/(\d+)\.ts$/.exec(url) ?? [];
  if (key !== undefined) from.put(url, keyOf(Number(key)));
  if (segment === undefined || from.files.has(url)) return;
  const number = Number(segment);
  const vector = Buffer.from(number.toString(16).padStart(32, '0'), 'hex');
  const cipher = createCipheriv('aes-128-cbc', keyOf(number), vector);
  const media = tsMedia({ startMs: 10_000 + number * 1_000, lengthMs: 1_000 });
  from.put(url, Buffer.concat([cipher.update(media), cipher.final()]));
}

test('of 43,200 segments that have a key each, the keys of those looked at are fetched, each once', async () => {
  const from = twelveHours();
  const given = input(from, { windows: [windowOf(count)] });
  const proof = await proveAsset({
    ...given,
    fetch: (url, range) => {
      makeFile(from, url);
      return from.fetch(url, range);
    },
  });
  expect(proof.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(proof).toMatchObject({ proved: true, segments: count });
  const keys = from.asked.filter((url) => url.startsWith(`${base}keys/`));
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toHaveLength(segmentsLookedAt);
  expect(from.asked.length).toBeLessThanOrEqual(mostRequests);
});

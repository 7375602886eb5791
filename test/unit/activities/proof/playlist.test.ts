import fc from 'fast-check';
import { parse, setOptions, type types } from 'hls-parser';
import { describe, expect, test } from 'vitest';
import { digestOf, readPlaylist } from '../../../../activities/proof/playlist.ts';
import { SeenTexts } from '../../../../activities/proof/seen-texts.ts';
import { base, pieces, store } from './recording.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
setOptions({ silent: true });
const url = `${base}index.m3u8`;

async function segmentsOf(text: string) {
  const problems: string[] = [];
  const playlist = await readPlaylist(bytes(text), url, (_, problem) => problems.push(problem));
  if (playlist.kind !== 'media') throw new Error(`it is ${playlist.kind}`);
  const { segments } = playlist;
  const list = Array.from({ length: segments.length }, (_, i) => ({
    ...segments.at(i),
    discontinuity: segments.breaks.has(i),
    gap: segments.gaps.has(i),
    date: segments.dates[i],
  }));
  return { list, problems };
}

const segment = fc.record({
  ms: fc.integer({ min: 1, max: 20_000 }),
  date: fc.option(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })),
  discontinuity: fc.boolean(),
  gap: fc.boolean(),
  key: fc.option(
    fc.constantFrom(
      'METHOD=NONE',
      'METHOD=AES-128,URI="k1"',
      'METHOD=AES-128,URI="k2",IV=0x000102030405060708090A0B0C0D0E0F',
    ),
  ),
  map: fc.option(fc.constantFrom('URI="a.mp4"', 'URI="b.mp4",BYTERANGE="100@20"')),
  range: fc.option(fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.option(fc.integer({ min: 0, max: 1_000 })))),
});
type Written = typeof segment extends fc.Arbitrary<infer T> ? T : never;

const textOf = (segments: readonly Written[]): string =>
  [
    '#EXTM3U',
    '#EXT-X-VERSION:8',
    '#EXT-X-TARGETDURATION:20',
    ...segments.flatMap(({ ms, date, discontinuity, gap, key, map, range }, i) => [
      ...(discontinuity ? ['#EXT-X-DISCONTINUITY'] : []),
      ...(key ? [`#EXT-X-KEY:${key}`] : []),
      ...(map ? [`#EXT-X-MAP:${map}`] : []),
      ...(date ? [`#EXT-X-PROGRAM-DATE-TIME:${date.toISOString()}`] : []),
      ...(gap ? ['#EXT-X-GAP'] : []),
      ...(range ? [`#EXT-X-BYTERANGE:${range[0]}@${range[1] ?? 0}`] : []),
      `#EXTINF:${ms / 1000},`,
      `${i}.ts`,
    ]),
    '#EXT-X-ENDLIST',
  ].join('\n');

describe('a playlist', () => {
  test('is read as another parser reads it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 30 }), async (written) => {
        const text = textOf(written);
        const { list } = await segmentsOf(text);
        const other = (parse(text) as types.MediaPlaylist).segments;
        expect(list.map(({ url }) => url)).toEqual(other.map(({ uri }) => base + uri));
        expect(list.map(({ durationMs }) => durationMs)).toEqual(
          other.map(({ duration }) => Math.round(duration * 1000)),
        );
        expect(list.map(({ discontinuity }) => discontinuity)).toEqual(other.map((one) => one.discontinuity === true));
        expect(list.map(({ gap }) => gap)).toEqual(other.map((one) => one.gap === true));
        expect(list.map(({ range }) => range)).toEqual(other.map((one) => one.byterange ?? undefined));
        expect(list.map(({ map }) => map?.url)).toEqual(other.map(({ map }) => (map ? base + map.uri : undefined)));
        const dates = other.map(({ programDateTime }) => programDateTime?.getTime() ?? Number.NaN);
        expect(list.map(({ date }) => date)).toEqual(dates);
        const keys = other.map(({ key }) => (key && key.method !== 'NONE' ? base + key.uri : undefined));
        expect(list.map(({ key }) => key?.url)).toEqual(keys);
      }),
      { numRuns: 200 },
    );
  });

  test('goes on with its byte ranges where the one before ended', async () => {
    const text = '#EXTM3U\n#EXTINF:1,\n#EXT-X-BYTERANGE:10@5\na.ts\n#EXTINF:1,\n#EXT-X-BYTERANGE:7\na.ts\n';
    const { list, problems } = await segmentsOf(text);
    expect(list.map(({ range }) => range)).toEqual([
      { offset: 5, length: 10 },
      { offset: 15, length: 7 },
    ]);
    expect(problems).toEqual([]);
  });

  test('has an initialisation section that is encrypted as what comes before it says', async () => {
    const key = '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0xA\n';
    const { list } = await segmentsOf(`#EXTM3U\n${key}#EXT-X-MAP:URI="i.mp4"\n#EXT-X-KEY:METHOD=NONE\n#EXTINF:1,\na\n`);
    expect(list[0]).toMatchObject({ map: { url: `${base}i.mp4`, key: { iv: `${'0'.repeat(31)}A` } } });
    expect(list[0]?.key).toBeUndefined();
  });

  test('takes of several keys for one segment the one that every player can use', async () => {
    const keys =
      '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://x",KEYFORMAT="com.apple"\n#EXT-X-KEY:METHOD=AES-128,URI="k"\n';
    expect((await segmentsOf(`#EXTM3U\n${keys}#EXTINF:1,\na\n`)).list[0]?.key).toMatchObject({ url: `${base}k` });
  });

  test('that is long lets everything else of the process have its turns', async () => {
    const long = bytes(store(pieces(10_000)).text('index.m3u8'));
    let turns = 0;
    let reading = true;
    const turn = () => {
      turns += 1;
      if (reading) setImmediate(turn);
    };
    setImmediate(turn);
    await digestOf(long);
    reading = false;
    expect(turns).toBeGreaterThanOrEqual(Math.floor(long.length / 32_768) - 1);
  });
});

test('texts that came before are known again, however many there are', () => {
  const seen = new SeenTexts();
  const texts = Array.from({ length: 20_000 }, (_, i) => `folder/${i}.ts`);
  expect(texts.every((text) => seen.add(text))).toBe(true);
  expect(texts.some((text) => seen.add(text))).toBe(false);
});

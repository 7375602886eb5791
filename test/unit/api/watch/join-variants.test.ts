import HLS from 'hls-parser';
import { describe, expect, it } from 'vitest';
import type { FetchedPlaylist } from '../../../../api/watch/playlist-text.ts';
import { JoinedRecordings, joinRecordings } from '../../../../api/watch/recordings.ts';

type List = HLS.types.MasterPlaylist;
type Media = HLS.types.MediaPlaylist;

interface VariantMade {
  size: string;
  rate: number;
  codecs?: string;
}

/** A vendor's files: recordings with variants, and where it is so a sound of its own. */
function store() {
  const files = new Map<string, string>();
  let reads = 0;
  const media = (url: string, name: string) =>
    files.set(
      url,
      `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${name}-0.ts\n#EXTINF:2,\n${name}-1.ts\n#EXT-X-ENDLIST\n`,
    );
  return {
    reads: () => reads,
    media,
    list(recording: string, variants: VariantMade[], sounds: string[] = []) {
      const base = `https://vod.example.com/${recording}`;
      for (const { size, rate } of variants) media(`${base}/${size}-${rate}.m3u8`, `${size}-${rate}`);
      for (const language of sounds) media(`${base}/${language}.m3u8`, language);
      const lines = [
        '#EXTM3U',
        '#EXT-X-VERSION:4',
        ...sounds.map(
          (language) =>
            `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aac-${recording}",NAME="${recording} ${language}",LANGUAGE="${language}",URI="${language}.m3u8"`,
        ),
        ...variants.flatMap(({ size, rate, codecs = 'avc1.64001f,mp4a.40.2' }) => [
          `#EXT-X-STREAM-INF:BANDWIDTH=${rate},RESOLUTION=${size},CODECS="${codecs}"${sounds.length > 0 ? `,AUDIO="aac-${recording}"` : ''}`,
          `${size}-${rate}.m3u8`,
        ]),
      ];
      files.set(`${base}/index.m3u8`, lines.join('\n'));
      return `${base}/index.m3u8`;
    },
    async read(url: string): Promise<FetchedPlaylist> {
      reads += 1;
      const text = files.get(url);
      if (text === undefined) throw new Error(`there is no ${url}`);
      return { text, url };
    },
  };
}

const hd = { size: '1280x720', rate: 3_000_000 };
const sd = { size: '640x360', rate: 800_000 };
const uris = (playlist: Media) => playlist.segments.map(({ uri }) => uri.replace('https://vod.example.com/', ''));
const renditionAt = (renditions: ReadonlyMap<string, string>, uri: string) =>
  HLS.parse(renditions.get(uri.replace(/^recording\/(.*)\.m3u8(\?.*)?$/, '$1')) ?? '') as Media;

describe('recordings with variants', () => {
  it('are joined variant by variant where all have the same, whatever their order and bit rates', async () => {
    const { list, read } = store();
    const urls = [
      list('a', [hd, sd]),
      list('b', [
        { ...sd, rate: 900_000 },
        { ...hd, rate: 2_500_000 },
      ]),
    ];
    const { main, renditions, note } = await joinRecordings(urls, read);
    const parsed = HLS.parse(main('?token=t')) as List;
    expect(parsed.variants.map(({ uri, bandwidth, resolution }) => [uri, bandwidth, resolution?.height])).toEqual([
      ['recording/v0.m3u8?token=t', 3_000_000, 720],
      ['recording/v1.m3u8?token=t', 900_000, 360],
    ]);
    expect(uris(renditionAt(renditions, parsed.variants[0]?.uri ?? ''))).toEqual([
      ...['a/1280x720-3000000-0.ts', 'a/1280x720-3000000-1.ts'],
      ...['b/1280x720-2500000-0.ts', 'b/1280x720-2500000-1.ts'],
    ]);
    expect(note).toBe('2 recordings joined: 1280x720, 640x360');
    expect(main('')).toContain(`# ${note}\n`);
  });

  it('lose the variants that not all have, and that is said', async () => {
    const { list, read } = store();
    const { main, note } = await joinRecordings([list('a', [hd, sd]), list('b', [sd])], read);
    expect((HLS.parse(main('')) as List).variants.map(({ resolution }) => resolution?.height)).toEqual([360]);
    expect(note).toBe('2 recordings joined: 640x360; left out, because not all have them: 1');
  });

  it('are matched by their bit rate where several have one size', async () => {
    const { list, read } = store();
    const low = { ...hd, rate: 1_000_000 };
    const { main, renditions } = await joinRecordings([list('a', [low, hd]), list('b', [hd, low])], read);
    const [first] = (HLS.parse(main('')) as List).variants;
    expect(uris(renditionAt(renditions, first?.uri ?? '')).every((uri) => uri.includes('1000000'))).toBe(true);
  });

  it('with none in common are joined from the best of each, which is said to be neither of them', async () => {
    const { list, read } = store();
    const { main, note, renditions } = await joinRecordings([list('a', [hd]), list('b', [sd])], read);
    const [only, ...others] = (HLS.parse(main('')) as List).variants;
    expect([others, only?.resolution, only?.bandwidth]).toEqual([[], undefined, hd.rate]);
    expect(uris(renditionAt(renditions, only?.uri ?? ''))).toHaveLength(4);
    expect(note).toContain('the best of each');
  });

  it('keep the sounds beside them that all have, by language', async () => {
    const { list, read } = store();
    const urls = [list('a', [hd, sd], ['de', 'en']), list('b', [hd, sd], ['en'])];
    const { main, renditions } = await joinRecordings(urls, read);
    const parsed = HLS.parse(main('')) as List;
    for (const variant of parsed.variants) {
      const sounds = variant.audio as unknown as { uri: string; language: string }[];
      expect(sounds.map(({ language }) => language)).toEqual(['en']);
      expect(uris(renditionAt(renditions, sounds[0]?.uri ?? ''))).toEqual([
        'a/en-0.ts',
        'a/en-1.ts',
        'b/en-0.ts',
        'b/en-1.ts',
      ]);
    }
    // One group for both variants.
    expect(main('').match(/#EXT-X-MEDIA/g)).toHaveLength(1);
  });

  it('are not joined where one has its sound inside and the other beside, which no player could follow', async () => {
    const { list, read } = store();
    await expect(joinRecordings([list('a', [hd], ['en']), list('b', [hd])], read)).rejects.toThrow('sound');
    const other = store();
    await expect(
      joinRecordings([other.list('a', [hd], ['de']), other.list('b', [hd], ['en'])], other.read),
    ).rejects.toThrow('no sound in common');
  });

  it('beside one without variants are joined from the best of each', async () => {
    const { list, media, read } = store();
    media('https://vod.example.com/b/only.m3u8', 'only');
    const { main, renditions, note } = await joinRecordings(
      [list('a', [sd, hd]), 'https://vod.example.com/b/only.m3u8'],
      read,
    );
    expect(uris(HLS.parse(main('')) as Media)).toEqual([
      ...['a/1280x720-3000000-0.ts', 'a/1280x720-3000000-1.ts', 'b/only-0.ts', 'b/only-1.ts'],
    ]);
    expect([renditions.size, note]).toEqual([0, '2 recordings joined: the best variant of each']);
  });
});

describe('joined recordings', () => {
  it('are read once for all viewers, and soon again after a failure', async () => {
    const { list, read, reads, media } = store();
    let now = 0;
    const kept = new JoinedRecordings(() => now);
    const urls = [list('a', [hd]), list('b', [hd])];
    await Promise.all(Array.from({ length: 50 }, () => kept.of(urls, read)));
    expect(reads()).toBe(4);
    now += 60_000;
    await kept.of(urls, read);
    expect(reads()).toBe(4);
    const late = 'https://vod.example.com/late.m3u8';
    await expect(kept.of([late, late], read)).rejects.toThrow('there is no');
    media(late, 'late');
    await expect(kept.of([late, late], read)).rejects.toThrow('there is no');
    now += 5_001;
    expect((await kept.of([late, late], read)).main('')).toContain('late-0.ts');
  });

  it('are bounded', async () => {
    const { read } = store();
    await expect(
      joinRecordings(
        Array.from({ length: 101 }, (_, i) => `https://a/${i}`),
        read,
      ),
    ).rejects.toThrow('more than 100');
  });
});

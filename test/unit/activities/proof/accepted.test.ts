import { describe, expect, test } from 'vitest';
import { proveAsset } from '../../../../activities/proof/prove.ts';
import { box, tsMedia } from '../../../support/media.ts';
import { edited, encrypted, fragmented, minute } from './case-parts.ts';
import { base, type Given, input, ladder, pieces, type Store, showStart, store, windowOf } from './recording.ts';

const failures = async (from: Store, given?: Given) =>
  (await proveAsset(input(from, given))).checks.filter(({ ok }) => !ok);

/** Right recordings that players play and validators have been seen to refuse. */
describe('a recording is proved that', () => {
  test('is behind a redirect into another folder, to which its addresses are relative', async () => {
    const from = store(pieces(10), { folder: 'elsewhere/' });
    from.redirects.set(`${base}index.m3u8`, `${base}elsewhere/index.m3u8`);
    expect(await failures(from)).toEqual([]);
    expect(from.asked).toContain(`${base}elsewhere/0.ts`);
  });

  test('has variants behind redirects', async () => {
    const from = store(pieces(10), { folder: 'there/', into: ladder(pieces(10), ['high']) });
    from.redirects.set(`${base}high/index.m3u8`, `${base}there/index.m3u8`);
    expect(await failures(from, { name: 'master.m3u8' })).toEqual([]);
    expect(from.asked).toContain(`${base}there/9.ts`);
    expect(from.asked).not.toContain(`${base}high/9.ts`);
  });

  test('has dates in whole seconds and segments of 2.002 seconds', async () => {
    const list = pieces(1_500, 2.002).map((piece, i) => ({
      ...piece,
      date: Math.floor((showStart + i * 2_002) / 1000) * 1000,
    }));
    expect(await failures(store(list), { windows: [windowOf(3_003)] })).toEqual([]);
  });

  test('has a last segment of no length at all, or of a fraction without a zero', async () => {
    const from = edited((text) =>
      text.replace('#EXT-X-ENDLIST', '#EXTINF:.360,\n10.ts\n#EXTINF:0.000,\n11.ts\n#EXT-X-ENDLIST'),
    );
    from
      .put('10.ts', tsMedia({ startMs: 70_000, lengthMs: 360 }))
      .put('11.ts', tsMedia({ startMs: 70_360, lengthMs: 40 }));
    expect(await failures(from)).toEqual([]);
  });

  test('defines parts of its addresses', async () => {
    const from = store(pieces(10), { folder: 'cdn/show/' });
    const text = from.text('cdn/show/index.m3u8').replaceAll(/^(\d+\.ts)$/gm, '{$folder}/show/$1');
    from.put('index.m3u8', text.replace('#EXTINF', '#EXT-X-DEFINE:NAME="folder",VALUE="cdn"\n#EXTINF'));
    expect(await failures(from)).toEqual([]);
  });

  test('takes parts of its addresses from its list of variants and from its own address', async () => {
    const from = ladder(pieces(10), ['high']);
    const define = (list: string) => `#EXT-X-DEFINE:${list}\n`;
    from.edit('master.m3u8', (text) =>
      text.replace('#EXTM3U\n', `#EXTM3U\n${define('NAME="name",VALUE="high"')}`).replace('high/', '{$name}/'),
    );
    from.edit('master.m3u8', (text) => text.replace('index.m3u8', 'index.m3u8?ext=ts'));
    from.edit('high/index.m3u8', (text) =>
      text
        .replace('#EXTINF', `${define('IMPORT="name"')}${define('QUERYPARAM="ext"')}#EXTINF`)
        .replaceAll(/^(\d+)\.ts$/gm, '../{$name}/$1.{$ext}'),
    );
    expect(await failures(from, { name: 'master.m3u8' })).toEqual([]);
  });

  test.each([408, 425, 429, 500, 503])('answered %d once', async (status) => {
    const from = minute();
    const body = from.files.get(`${base}4.ts`)?.body ?? new Uint8Array();
    from.put('4.ts', '', { status });
    from.whilePaused = () => from.put('4.ts', body);
    expect(await failures(from)).toEqual([]);
  });

  test('signs the folders of its addresses anew at every read', async () => {
    let reads = 0;
    const from = minute();
    const plain = from.text('index.m3u8');
    const sign = () => {
      reads += 1;
      store(pieces(10), { folder: `exp=170${reads}~hmac=ab${reads}/`, into: from });
      from.put('index.m3u8', plain.replaceAll(/^(\d+\.ts)$/gm, `exp=170${reads}~hmac=ab${reads}/$1`));
    };
    sign();
    from.whilePaused = sign;
    expect(await failures(from)).toEqual([]);
    expect(reads).toBe(2);
  });

  test('lists segments of 9.6 seconds as 10, as versions below 3 must', async () => {
    const list = Array.from({ length: 375 }, () => ({ duration: 10, holds: 9.6 }));
    const from = store(list, { version: 2 }).edit('index.m3u8', (text) => text.replaceAll('10.000', '10'));
    const proof = await proveAsset(input(from, { windows: [windowOf(3_600)] }));
    expect(proof.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(Math.abs(proof.durationMs - 3_600_000)).toBeLessThan(500);
  });

  test.each(['uuid', 'free', 'skip', 'emsg', 'prft', 'sidx'])('has fragments that begin with %s', async (type) => {
    const from = fragmented();
    for (let i = 0; i < 10; i += 1) {
      const body = from.files.get(`${base}${i}.ts`)?.body ?? new Uint8Array();
      from.put(`${i}.ts`, Buffer.concat([box(type, Buffer.alloc(40)), body]));
    }
    expect(await failures(from)).toEqual([]);
  });

  test('has segments of many fragments', async () => {
    expect(await failures(fragmented(12))).toEqual([]);
  });

  test('has an encrypted initialisation section, because its key comes first', async () => {
    expect(await failures(encrypted(fragmented(), '000102030405060708090a0b0c0d0e0f'))).toEqual([]);
  });

  test('is encrypted with an initialisation vector of its own', async () => {
    expect(await failures(encrypted(minute(), 'ff'.repeat(16)))).toEqual([]);
  });

  const frames = {
    'AC-3': Buffer.concat(Array.from({ length: 60 }, () => Buffer.concat([Buffer.of(0x0b, 0x77), Buffer.alloc(766)]))),
    'MPEG audio': Buffer.concat(
      Array.from({ length: 100 }, () => Buffer.concat([Buffer.of(0xff, 0xfb, 0x90, 0x64), Buffer.alloc(413)])),
    ),
    // 281 frames of 1,024 samples at 48 kHz.
    AAC: Buffer.concat(
      Array.from({ length: 281 }, () =>
        Buffer.concat([Buffer.of(0xff, 0xf1, 0x4c, 0x80, 0x10, 0x1f, 0xfc), Buffer.alloc(121)]),
      ),
    ),
  };
  const tag = Buffer.concat([Buffer.from('ID3'), Buffer.of(4, 0, 0, 0, 0, 0, 63), Buffer.alloc(63)]);

  test.each(Object.entries(frames))('is bare sound: %s', async (_, body) => {
    const from = minute();
    for (let i = 0; i < 10; i += 1) from.put(`${i}.ts`, i % 2 === 0 ? body : Buffer.concat([tag, body]));
    expect(await failures(from)).toEqual([]);
  });

  test('has large segments, of which only the two ends are read', async () => {
    const from = minute();
    for (let i = 0; i < 10; i += 1) {
      from.put(`${i}.ts`, tsMedia({ startMs: 10_000 + i * 6_000, lengthMs: 6_000, everyMs: 40, bytes: 20_000 }));
    }
    let read = 0;
    const given = input(from);
    const fetch: typeof given.fetch = async (url, range, asset) => {
      const file = await given.fetch(url, range, asset);
      if (url.endsWith('.ts')) read += file.body.length;
      return file;
    };
    expect((await proveAsset({ ...given, fetch })).checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(read).toBeLessThan(10 * 200_000);
  });

  test('has pictures of which one alone fills the end of a segment', async () => {
    const from = minute();
    for (let i = 0; i < 10; i += 1) {
      from.put(`${i}.ts`, tsMedia({ startMs: 10_000 + i * 6_000, lengthMs: 6_000, everyMs: 1_000, bytes: 120_000 }));
    }
    expect(await failures(from)).toEqual([]);
  });

  test('goes on when the clock of MPEG-TS begins again', async () => {
    const wrap = 2 ** 33 / 90;
    const from = minute();
    for (let i = 0; i < 10; i += 1) {
      from.put(`${i}.ts`, tsMedia({ startMs: wrap - 27_000 + i * 6_000, lengthMs: 6_000 }));
    }
    expect(await failures(from)).toEqual([]);
  });

  test('lost and found the encoder without a DISCONTINUITY, with a clock that goes on or begins anew', async () => {
    const windows = [windowOf(30), windowOf(30, showStart + 60_000)];
    for (const startMs of [70_000, 0]) {
      const from = minute();
      for (let i = 5; i < 10; i += 1)
        from.put(`${i}.ts`, tsMedia({ startMs: startMs + (i - 5) * 6_000, lengthMs: 6_000 }));
      expect(await failures(from, { windows })).toEqual([]);
      expect((await failures(from)).map(({ name }) => name)).toEqual(['segments-play']);
    }
  });

  test('has its tables in an initialisation section', async () => {
    const from = edited((text) =>
      text.replace('#EXTINF', '#EXT-X-MAP:URI="tables.ts"\n#EXTINF').replace('VERSION:4', 'VERSION:6'),
    );
    for (let i = 0; i < 10; i += 1) {
      const body = from.files.get(`${base}${i}.ts`)?.body ?? new Uint8Array();
      from.put('tables.mp4', body.subarray(0, 376)).put(`${i}.ts`, body.subarray(376));
    }
    from.edit('index.m3u8', (text) => text.replace('tables.ts', 'tables.mp4'));
    expect(await failures(from)).toEqual([]);
  });

  test('is sound alone, or pictures alone', async () => {
    for (const only of [{ video: false }, { audio: false }]) {
      const from = minute();
      for (let i = 0; i < 10; i += 1) {
        from.put(`${i}.ts`, tsMedia({ startMs: 10_000 + i * 6_000, lengthMs: 6_000, everyMs: 100, ...only }));
      }
      expect(await failures(from)).toEqual([]);
    }
  });

  test('is on a server that gives no parts of large files: their ends are not asked for', async () => {
    const from = minute();
    from.honoursRanges = false;
    for (let i = 0; i < 10; i += 1) {
      from.put(`${i}.ts`, tsMedia({ startMs: 10_000 + i * 6_000, lengthMs: 6_000, everyMs: 40, bytes: 20_000 }));
    }
    expect(await failures(from)).toEqual([]);
    expect(from.asked.filter((url) => url.endsWith('/4.ts'))).toHaveLength(1);
  });
});

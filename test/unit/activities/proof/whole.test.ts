import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkNames } from '../../../../activities/proof/checks.ts';
import { proveAsset } from '../../../../activities/proof/prove.ts';
import { broken, dated, edited, encrypted, fragmented, minute } from './case-parts.ts';
import { base, type Given, input, ladder, masterText, pieces, Store, showStart, store, windowOf } from './recording.ts';

const failures = async (from: Store, given?: Given) =>
  (await proveAsset(input(from, given))).checks.filter(({ ok }) => !ok);

describe('a recording is proved that', () => {
  test('is whole: every check once, in order, with what was compared', async () => {
    const from = minute();
    const proof = await proveAsset(input(from));
    expect(proof).toMatchObject({ proved: true, durationMs: 60_000, expectedMs: 60_000, segments: 10 });
    expect(proof.checks.map(({ name }) => name)).toEqual(checkNames);
    expect(proof.checks.find(({ name }) => name === 'duration')?.detail).toBe('60 s recorded, 60 s of show (± 5 s)');
    expect(from.pauses).toEqual([9_000]);
  });

  test('has several variants', async () => {
    expect(await failures(ladder(pieces(10)), { name: 'master.m3u8' })).toEqual([]);
  });

  test('has audio of its own and key-frame variants, which need only load', async () => {
    const from = ladder(pieces(10), ['high']).edit('master.m3u8', (text) =>
      text
        .replace('RESOLUTION', 'AUDIO="a",RESOLUTION')
        .concat(
          '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en",URI="audio/index.m3u8"\n',
          '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9,URI="keys/index.m3u8"\n',
        ),
    );
    store(pieces(10), { folder: 'audio/', into: from });
    store(pieces(3), { folder: 'keys/', into: from });
    expect(await failures(from, { name: 'master.m3u8' })).toEqual([]);
    expect(from.asked).toContain(`${base}audio/0.ts`);
    expect(from.asked).not.toContain(`${base}keys/0.ts`);
  });

  test('has a discontinuity and a jump of the clock where the encoder was lost', async () => {
    const windows = [windowOf(30), windowOf(30, showStart + 60_000)];
    const proof = await proveAsset(input(store(dated(5, 30_000, true)), { windows }));
    expect(proof.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(proof).toMatchObject({ proved: true, discontinuities: 1 });
  });

  test('has a clock of its own, hours away from ours', async () => {
    const list = dated(5, 30_000, true).map((piece) => ({ ...piece, date: (piece.date ?? 0) - 5 * 3_600_000 }));
    const windows = [windowOf(30), windowOf(30, showStart + 60_000)];
    expect(await failures(store(list), { windows })).toEqual([]);
  });

  test('lost the encoder for less than the time between two looks', async () => {
    expect(await failures(store(dated(5, 9_000, true)))).toEqual([]);
  });

  test('flags as missing what the encoder did not send', async () => {
    const list = pieces(15).map((piece, i) => ({ ...piece, gap: i >= 5 && i < 10 }));
    const given = {
      windows: [windowOf(30), windowOf(30, showStart + 60_000)],
    };
    const proof = await proveAsset(input(store(list), given));
    expect(proof).toMatchObject({ proved: true, durationMs: 60_000 });
    expect(proof.checks.find(({ name }) => name === 'timeline')?.detail).toContain('5 of 15 segments (30 s)');
  });

  test('has discontinuities at the same places in every variant', async () => {
    expect(await failures(ladder(broken(4)), { name: 'master.m3u8' })).toEqual([]);
  });

  test('is made of MP4 fragments', async () => {
    expect(await failures(fragmented())).toEqual([]);
  });

  test('is encrypted, with a key that is there', async () => {
    expect(await failures(encrypted(minute()))).toEqual([]);
  });

  test('has a key only for those who may see it, which the proof says', async () => {
    const from = encrypted(minute()).put('k', '', { status: 403 });
    from.edit('index.m3u8', (text) => text.replace('"k"', '"k?token=s3cret"'));
    const proof = await proveAsset(input(from));
    expect(proof.proved).toBe(true);
    expect(proof.checks.find(({ name }) => name === 'uris')?.detail).toMatch(/key \/show\/k is given only to those/);
    const detail = proof.checks.find(({ name }) => name === 'segments-play')?.detail;
    expect(detail).toBe('10 segments judged by their size: encrypted, without the key');
  });

  test('has titles in any script, comments, unknown tags and a discontinuity at its end', async () => {
    const from = edited((text) =>
      text
        .replace('6.000,\n0.ts', '6.000,現場直播\n0.ts')
        .replace('#EXTINF', '# a comment\n#EXT-X-TWITCH-TOTAL-SECS:60\n\n#EXTINF')
        .replace('#EXT-X-ENDLIST', '#EXT-X-DISCONTINUITY\n#EXT-X-ENDLIST\n'),
    );
    expect(await failures(from)).toEqual([]);
  });

  test('has lines that end as on Windows', async () => {
    expect(await failures(edited((text) => text.replaceAll('\n', '\r\n')))).toEqual([]);
  });

  test('is kept in a store that describes no file and honours no range', async () => {
    const from = minute();
    from.put('index.m3u8', from.text('index.m3u8'), { contentType: 'binary/octet-stream' });
    from.honoursRanges = false;
    expect(await failures(from)).toEqual([]);
  });

  test('is kept behind a scheme of the vendor', async () => {
    const from = new Store();
    store(pieces(10), { folder: 's3://bucket/a/high/', into: from });
    from.put('s3://bucket/a/master.m3u8', masterText(['high/index.m3u8']));
    expect(await failures(from, { asset: { url: 's3://bucket/a/master.m3u8' } })).toEqual([]);
  });

  test('is on a host of ours, because the vendor is simulated here', async () => {
    const from = store(pieces(10), { folder: 'http://127.0.0.1:8080/' });
    expect(await failures(from, { asset: { url: 'http://127.0.0.1:8080/index.m3u8' } })).toEqual([]);
  });

  test('signs its addresses anew at every read', async () => {
    let reads = 0;
    const from = minute();
    const plain = from.text('index.m3u8');
    const sign = () => {
      reads += 1;
      from.put(
        'index.m3u8',
        `# read ${reads}\n${plain}`
          .replace(/^# .*\n(#EXTM3U\n)/, `$1# read ${reads}\n`)
          .replaceAll('.ts', `.ts?sig=${reads}`),
      );
    };
    sign();
    from.whilePaused = sign;
    expect(await failures(from)).toEqual([]);
    expect(reads).toBe(2);
  });

  test('comes from a store that was busy for a moment', async () => {
    const from = minute();
    const body = from.text('index.m3u8');
    from.put('index.m3u8', '', { status: 503 });
    from.whilePaused = () => from.put('index.m3u8', body);
    expect(await failures(from)).toEqual([]);
  });

  test('is any whole recording: what was seen, give or take the tolerance', async () => {
    const shows = fc.record({
      count: fc.integer({ min: 1, max: 40 }),
      duration: fc.integer({ min: 1, max: 10 }),
      offMs: fc.integer({ min: -2_000, max: 2_000 }),
      breaks: fc.uniqueArray(fc.integer({ min: 1, max: 39 }), { maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(shows, async ({ count, duration, offMs, breaks }) => {
        const list = pieces(count, duration).map((piece, i) => ({ ...piece, discontinuity: breaks.includes(i) }));
        const shown = Math.max(1, (count * duration * 1000 + offMs) / 1000);
        const windows = [windowOf(shown)];
        expect(await failures(store(list), { windows })).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a proof', () => {
  test('never throws, whatever a playlist says, and never calls damage whole', async () => {
    const lines = minute().text('index.m3u8').trimEnd().split('\n');
    const damage = fc.oneof(
      fc.record({ kind: fc.constant('drop' as const), line: fc.integer({ min: 0, max: lines.length - 1 }) }),
      fc.record({ kind: fc.constant('cut' as const), line: fc.integer({ min: 0, max: lines.length - 1 }) }),
    );
    // Without these a player still has the whole show.
    const harmless = /^#EXT-X-(VERSION|PLAYLIST-TYPE)/;
    await fc.assert(
      fc.asyncProperty(damage, async ({ kind, line }) => {
        fc.pre(!harmless.test(lines[line] ?? ''));
        const left = kind === 'drop' ? lines.filter((_, i) => i !== line) : lines.slice(0, line);
        const proof = await proveAsset(input(minute().put('index.m3u8', left.join('\n')), { windows: [windowOf(60)] }));
        const isOnlyOneSegmentLess = kind === 'drop' && /ts$/.test(lines[line] ?? '');
        expect(proof.proved).toBe(false);
        if (isOnlyOneSegmentLess) expect(proof.checks.find(({ name }) => name === 'segment-list')?.ok).toBe(false);
      }),
      { numRuns: 80 },
    );
  });

  test('takes any text at all without throwing, and proves none of it', async () => {
    const tags = fc.constantFrom(
      '#EXTM3U',
      '#EXTINF:',
      '#EXT-X-KEY:',
      '#EXT-X-MAP:',
      '#EXT-X-STREAM-INF:',
      '#EXT-X-BYTERANGE:',
      '#EXT-X-MEDIA:',
      '\n',
      'URI="',
      ',',
      '@-1',
      'a.ts',
    );
    const texts = fc.array(fc.oneof(tags, fc.string()), { maxLength: 30 }).map((parts) => `#EXTM3U\n${parts.join('')}`);
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect((await proveAsset(input(new Store().put('index.m3u8', text)))).proved).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('stays small however much is wrong, and names no query', async () => {
    const from = store(pieces(300), { segment: (i) => `${'long/'.repeat(60)}${i}.ts?Signature=s3cret` });
    from.files.clear();
    const text = store(pieces(300), { segment: (i) => `${'long/'.repeat(60)}${i}.ts?Signature=s3cret` }).text(
      'index.m3u8',
    );
    from.put('index.m3u8', text);
    const asset = { url: `${base}index.m3u8?Signature=s3cret` };
    const proof = await proveAsset(input(from, { asset, windows: [windowOf(1800)] }));
    const written = JSON.stringify(proof);
    expect(proof.checks.find(({ name }) => name === 'segments-play')?.detail).toMatch(/answered 404.*and 297 more/);
    expect(written).not.toContain('s3cret');
    expect(written.length).toBeLessThan(5_000);
  });

  test('fetches every segment of a show of usual length', async () => {
    const from = store(pieces(400));
    await proveAsset(input(from, { windows: [windowOf(2400)] }));
    expect(from.asked.filter((url) => url.endsWith('.ts'))).toHaveLength(400);
  });

  test('fetches a bounded sample of a long one: its ends and both sides of every break', async () => {
    const list = pieces(1000).map((piece, i) => ({ ...piece, discontinuity: i === 333 || i === 666 }));
    const from = store(list);
    const proof = await proveAsset(input(from, { windows: [windowOf(6000)], limits: { segments: 50 } }));
    expect(proof.proved).toBe(true);
    const fetched = from.asked.filter((url) => url.endsWith('.ts')).map((url) => Number(/(\d+)\.ts/.exec(url)?.[1]));
    expect(fetched).toHaveLength(50);
    expect(fetched).toEqual(expect.arrayContaining([0, 332, 333, 665, 666, 999]));
    expect(proof.checks.find(({ name }) => name === 'segments-play')?.detail).toBe('looked at 50 of 1000');
  });

  test('never asks a private host that a playlist names', async () => {
    const from = edited((text) => text.replace('4.ts', 'http://169.254.169.254/latest/meta-data'));
    await proveAsset(input(from));
    expect(from.asked.filter((url) => url.includes('169.254'))).toEqual([]);
  });

  test('passes on what its fetch rejects with: nothing was learnt', async () => {
    const given = { ...input(minute()), fetch: () => Promise.reject(new Error('no route')) };
    await expect(proveAsset(given)).rejects.toThrow('no route');
  });
});

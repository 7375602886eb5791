import { describe, expect, test } from 'vitest';
import { proveAsset } from '../../../../activities/proof/prove.ts';
import { edited, minute } from './case-parts.ts';
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
    const media = from.files.get(`${base}0.ts`)?.body ?? new Uint8Array();
    expect(await failures(from.put('10.ts', media).put('11.ts', media))).toEqual([]);
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
});

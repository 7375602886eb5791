import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutQueries } from '../../../domain/without-queries.ts';

describe('an address in a message', () => {
  it.each([
    ['GET https://cdn.example/a.ts?Signature=s&Key-Pair-Id=k failed', 'GET https://cdn.example/a.ts?… failed'],
    ['rtmp://user:pass@h/live?x=1', 'rtmp://…@h/live?…'],
    ['("https://h/a?b=c")', '("https://h/a?…")'],
    ["'https://h/a?b=c', (https://h/d?e=f).", "'https://h/a?…', (https://h/d?…)."],
    ['see https://docs.example/page#part', 'see https://docs.example/page#part'],
    ['see https://docs.example/page#API_Get-it_Response.', 'see https://docs.example/page#API_Get-it_Response.'],
    ['a ? b: c', 'a ? b: c'],
    ['really?? Yes', 'really?? Yes'],
    ['text/html;charset=utf-8, key=events/final', 'text/html;charset=utf-8, key=events/final'],
    ['oidc:ann@example.com in a//b', 'oidc:ann@example.com in a//b'],
    ['srt://h:9000?streamid=#!::u=a,pass=b', 'srt://h:9000?…'],
    ['http://[2001:db8::7]:8080/a', 'http://[2001:db8::7]:8080/a'],
    ['https://h/w/hmac=1/a.ts', 'https://h/w/…'],
    ['https://h/a;jsessionid=1 and https://h/a#access_token=1', 'https://h/a… and https://h/a…'],
    ['rtmp://ann:pa/ss@h/live', 'rtmp://…@h/live'],
    // Without `//`.
    ['publish to ann:hush@h.example/live failed', 'publish to …@h.example/live failed'],
    ['(ann:hu@sh@h.example:1935)', '(…@h.example:1935)'],
    ['live/token=hush/a.ts, seg/eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.x/1.ts', 'live/…/a.ts, seg/…/1.ts'],
    ['live/d41d8cd98f00b204e9800998ecf8427e/1.ts', 'live/…/1.ts'],
    // A signature that is a folder: as nginx, Alibaba Cloud's types B and C, and others write it.
    ['https://h/s/Ovq4DFqf0VsRs0XrUXQfmA/1764590400/a.ts', 'https://h/s/…/1764590400/a.ts'],
    ['https://h/202612011800/abcdef0123456789abcdef0123456789/a.ts', 'https://h/202612011800/…/a.ts'],
    ['https://h/abcdef0123456789abcdef0123456789/692e0f00/a.ts', 'https://h/…/692e0f00/a.ts'],
    ['https://h/live/ann:hush@x/a.m3u8', 'https://…@x/a.m3u8'],
    ['https://h/token/hush12/a.m3u8', 'https://h/token/…/a.m3u8'],
    ['https:\\/\\/h\\/key\\/hush12\\/a', 'https:\\/\\/h\\/key\\/…\\/a'],
    ['https%3A%2F%2Fh%2Ftoken%2Fhush12%2Fa', 'https%3A%2F%2Fh%2Ftoken%2F…%2Fa'],
    // What looks a little like it, and says where.
    ['https://h/oauth2/v2.0/token, https://h/auth/login', 'https://h/oauth2/v2.0/token, https://h/auth/login'],
    [
      'rtmp://h/live/prod-main-of-the-broadcaster-abcdefghijkl2345',
      'rtmp://h/live/prod-main-of-the-broadcaster-abcdefghijkl2345',
    ],
    [
      'https://h/3f9a4c1e-5b2d-4e8f-9a0b-1c2d3e4f5a6b/Final2026.ism',
      'https://h/3f9a4c1e-5b2d-4e8f-9a0b-1c2d3e4f5a6b/Final2026.ism',
    ],
    [
      'https://h/ivs/v1/111122223333/AbCd1234EfGh/2026/12/1/18/0/xYz987AbC123/media',
      'https://h/ivs/v1/111122223333/AbCd1234EfGh/2026/12/1/18/0/xYz987AbC123/media',
    ],
    ['https://h/TheDerbyOfTheYear2026/index.m3u8', 'https://h/TheDerbyOfTheYear2026/index.m3u8'],
    ['{"u":"https:\\/\\/h\\/a?x=1\\u0026Sig=s","c":"\\\\"}', '{"u":"https:\\/\\/h\\/a?…","c":"\\\\"}'],
  ])('%s reads %s', (text, bare) => {
    expect(withoutQueries(text)).toBe(bare);
  });
});

const secret = fc.stringMatching(/^[a-z]{3}[0-9]{4}[a-z]{3}$/);
const of = (characters: string, maxLength = 6) => fc.string({ unit: fc.constantFrom(...characters), maxLength });
/** What RFC 3986 allows in a query and a fragment. */
const inQuery = of("abcXYZ019-._~!$'()*+,;:@/?%=");
const name = fc.constantFrom('Signature', 'X-Amz-Signature', 'auth_key', 'token', 'wsSecret', 'sig', 'Policy');

const parameters = fc
  .tuple(
    inQuery,
    fc.constantFrom('', '&', ';', '#', ','),
    name,
    fc.constantFrom('', "'", '(', '$', '%2F'),
    secret,
    inQuery,
  )
  .map(([before, separator, key, more, value, after]) => ({
    value,
    text: `x${before}${separator}${key}=${more}${value}${after}`,
  }));
const path = fc.array(of("abc019-._~!$'()*+,%", 5), { maxLength: 4 }).map((segments) => `/${segments.join('/')}`);
const userInfo = fc
  .tuple(of("abc01'!$&()*+,;=%/:@?#", 4), secret, of("abc01'!$&()*+,;=%/:@", 4))
  .map(([before, password, after]) => ({ text: `ann:${before}${password}${after}@`, value: password }));
const origin = fc.constantFrom(
  'https://h.example',
  'http://h.example:8080',
  'rtmp://h.example',
  'srt://[2001:db8::7]:9000',
);

interface Signed {
  text: string;
  secrets: string[];
}

const absolute: fc.Arbitrary<Signed> = fc
  .tuple(origin, fc.option(userInfo), path, fc.constantFrom('?', ';', '#'), parameters)
  .map(([where, who, at, sign, { text, value }]) => ({
    text: `${where.replace('//', `//${who?.text ?? ''}`)}${at}${sign}${text}`,
    secrets: [value, ...(who ? [who.value] : [])],
  }));
const relative: fc.Arbitrary<Signed> = fc
  .tuple(fc.constantFrom('', '.', '..', 'seg', '//h.example'), path, parameters)
  .map(([start, at, { text, value }]) => ({ text: `${start}${at}?${text}`, secrets: [value] }));

const json = (text: string) => JSON.stringify(text).slice(1, -1);
const ways: ((text: string) => string)[] = [
  (text) => text,
  (text) => json(text).replaceAll('&', '\\u0026').replaceAll('/', '\\/').replaceAll('=', '\\u003d'),
  (text) => json(text.replace('?', '\\u003f')),
  (text) => json(json(text).replaceAll('&', '\\u0026').replaceAll('/', '\\/')),
  encodeURIComponent,
  (text) => encodeURIComponent(encodeURIComponent(text)),
  (text) => `https://proxy.example/fetch/${encodeURIComponent(text)}`,
];
const around: ((text: string) => string)[] = [
  (text) => `GET ${text} failed`,
  (text) => `'${text}' (${text})`,
  (text) => JSON.stringify({ RequestId: '1', Url: text, more: [text] }),
  (text) => `<Error><Uri>${text}</Uri><Uri>${text}</Uri></Error>`,
  (text) => `地址：${text}，失败`,
  (text) => `_${text}\n${text}`,
];

/** A secret of a form that CDNs put into the path, drawn by chance. */
const drawn = (alphabet: string, length: number) =>
  fc.array(fc.constantFrom(...alphabet), { minLength: length, maxLength: length }).map((all) => all.join(''));
const inPath = fc.oneof(
  drawn('0123456789abcdef', 32).filter((text) => /\d/.test(text) && /[a-f]/.test(text)),
  drawn('0123456789abcdef', 64),
  fc.stringMatching(/^eyJ[A-Za-z0-9]{20}\.[A-Za-z0-9]{20}\.[A-Za-z0-9_-]{43}$/),
);

describe('any address', () => {
  it('does not say the signature that is a folder of its path', () => {
    const where = fc.constantFrom('https://h.example', 'rtmp://h.example:1935', 'live', '../x');
    const written = fc.tuple(where, path, inPath, path, fc.constantFrom(...ways), fc.constantFrom(...around));
    fc.assert(
      fc.property(written, ([start, before, secret, after, write, put]) => {
        const text = `${start}${before.replaceAll(/[%;=]/g, '')}/${secret}${after}`;
        expect(withoutQueries(put(write(text)))).not.toContain(secret);
      }),
      { numRuns: 2_000 },
    );
  });

  it('says neither its signature nor its password, however it is written', () => {
    const written = fc.tuple(fc.oneof(absolute, relative), fc.constantFrom(...ways), fc.constantFrom(...around));
    fc.assert(
      fc.property(written, ([{ text, secrets }, write, put]) => {
        const shown = withoutQueries(put(write(text)));
        for (const one of secrets) expect(shown).not.toContain(one);
      }),
      { numRuns: 3_000 },
    );
  });

  it('still says where', () => {
    fc.assert(
      fc.property(origin, path, fc.constantFrom(...around), (where, at, put) => {
        expect(withoutQueries(put(`${where}${at}`))).toContain(where);
      }),
    );
  });

  it('leaves JSON what it was', () => {
    const value = fc.oneof(
      fc.string(),
      absolute.map(({ text }) => text),
      of('\\"/?=&#@:x\n', 12),
    );
    fc.assert(
      fc.property(fc.array(value), (texts) => {
        expect(JSON.parse(withoutQueries(JSON.stringify(texts)))).toHaveLength(texts.length);
      }),
    );
  });

  it('is found in a long text at once', () => {
    for (const part of ['a', 'a:', '/', 'https://', '?', '=', ';', '%25', '\\', '@', '//@', '#a-'])
      expect(withoutQueries(part.repeat(20_000)).length).toBeLessThan(1_000_000);
  });
});

import HLS from 'hls-parser';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { asset, firstPart, live, onAir, secondPart, states, watchHarness } from './watch-harness.ts';

const modes = ['public', 'token'] as const;
const methods = ['GET', 'HEAD', 'OPTIONS'] as const;

/** What is answered at the address of the event and at its recording's: status, where it leads, how long it counts. */
const expected: Record<string, [index: [number, string?], recording: [number, string?], maxAge: [number, number]]> = {
  scheduled: [[404], [404], [2, 2]],
  dark: [[404], [404], [2, 2]],
  'on-air': [[302, live], [404], [5, 2]],
  frozen: [[302, live], [404], [5, 2]],
  proving: [[404], [404], [2, 2]],
  'one recording': [
    [302, firstPart],
    [302, firstPart],
    [60, 60],
  ],
  'two recordings': [[302, 'recording.m3u8'], [200], [60, 60]],
  'no recording': [[404], [404], [30, 30]],
};
const later = ['scheduled', 'dark', 'proving'];

describe.each(modes)('the addresses of viewers, %s', (mode) => {
  describe.each(methods)('%s', (method) => {
    it.each(Object.keys(states))('of an event: %s', async (name) => {
      const { app, address } = await watchHarness({ mode, statuses: { final: states[name] ?? {} } });
      const files = ['index.m3u8', 'recording.m3u8'] as const;
      for (const [i, file] of files.entries()) {
        const url = address({ key: 'final' }, file);
        const { statusCode, headers, body } = await app.inject({ method, url });
        expect(headers['access-control-allow-origin']).toBe('*');
        expect(headers['cross-origin-resource-policy']).toBe('cross-origin');
        if (method === 'OPTIONS') {
          expect([statusCode, headers['access-control-allow-methods']]).toEqual([204, 'GET, HEAD']);
          continue;
        }
        const [index, recording, maxAge] = expected[name] ?? [[0], [0], [0, 0]];
        const [status, to] = i === 0 ? index : recording;
        expect(statusCode, body).toBe(status);
        const token = to === 'recording.m3u8' && mode === 'token' ? new URL(url, 'http://a').search : '';
        expect(headers.location).toBe(to && to + token);
        expect(headers['cache-control']).toBe(`${mode === 'public' ? 'public' : 'private'}, max-age=${maxAge[i]}`);
        const hasMore = later.includes(name) || (status === 404 && (name === 'on-air' || name === 'frozen'));
        expect(headers['retry-after'] !== undefined).toBe(hasMore);
        if (method === 'HEAD') expect(body).toBe('');
      }
    });
  });
});

describe('an event that viewers must not find', () => {
  const tenants = { final: { ...onAir, tenant: 'acme' }, 'acme/final': { ...onAir, tenant: 'acme' } };

  it('is answered like one that does not exist, byte for byte', async () => {
    const { app } = await watchHarness({ statuses: tenants });
    const answers = await Promise.all(
      ['final', 'nobod'].map(async (id) => {
        const { statusCode, headers, body } = await app.inject(`/watch/${id}/index.m3u8`);
        const { date: _, ...rest } = headers;
        return JSON.stringify([statusCode, rest, body]).replaceAll(id, '<id>');
      }),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('[404');
  });

  it.each(modes)('is found by its sealed id alone, %s', async (mode) => {
    const { app, address, access } = await watchHarness({ mode, statuses: tenants });
    for (const key of ['final', 'acme/final']) {
      const { statusCode, headers } = await app.inject(address({ key, tenant: 'acme' }));
      expect([statusCode, headers.location]).toEqual([302, live]);
    }
    // A token of an event without a tenant that was there before.
    const token = access.tokenFor('final', Date.now() + 60_000);
    expect((await app.inject(`/watch/final/index.m3u8?token=${token}`)).statusCode).toBe(404);
    for (const id of ['acme%2Ffinal', '..%2F..%2Fhealthz', `~${'A'.repeat(40)}`]) {
      const { statusCode } = await app.inject(`/watch/${id}/index.m3u8?token=${token}`);
      expect([400, 403, 404]).toContain(statusCode);
    }
  });
});

describe('with viewer tokens', () => {
  it('nothing is read for those without one', async () => {
    const { app, access, asked } = await watchHarness({ mode: 'token', statuses: { final: onAir } });
    const tokens = [
      undefined,
      'x',
      access.tokenFor('other', Date.now() + 1_000),
      access.tokenFor('final', Date.now() - 1),
    ];
    for (const token of tokens) {
      for (const file of ['index.m3u8', 'recording.m3u8', 'recording/v0.m3u8']) {
        const { statusCode, body } = await app.inject(`/watch/final/${file}${token ? `?token=${token}` : ''}`);
        expect(statusCode).toBe(403);
        expect(body).not.toContain(live);
      }
    }
    expect(asked).toEqual([]);
  });

  it('a stream that needs a signature is signed for them alone', async () => {
    const statuses = { final: { ...onAir, playback: { hls: live, needs: 'signature' as const } } };
    const { app, address } = await watchHarness({ mode: 'token', statuses });
    const { headers } = await app.inject(address({ key: 'final' }));
    expect([headers.location, headers['cache-control']]).toEqual([`${live}?signature=s3cret`, 'no-store']);
    const open = await watchHarness({ statuses });
    const refused = await open.app.inject('/watch/final/index.m3u8');
    expect(refused.statusCode).toBe(403);
    expect(JSON.stringify(refused.headers) + refused.body).not.toContain('s3cret');
  });

  it('a vendor that could not sign is asked again soon, once for all viewers', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    let asked = 0;
    const signed = async (_channel: unknown, url: string) => {
      asked += 1;
      if (asked === 1) throw new Error('no answer');
      return `${url}?signature=s3cret`;
    };
    const statuses = { final: { ...onAir, playback: { hls: live, needs: 'signature' as const } } };
    const { app, address } = await watchHarness({ mode: 'token', statuses, forViewers: { signed } });
    const watch = () => app.inject(address({ key: 'final' }));
    const refused = await Promise.all([watch(), watch(), watch()]);
    expect([asked, ...refused.map(({ statusCode }) => statusCode >= 500)]).toEqual([1, true, true, true]);
    vi.advanceTimersByTime(3_001);
    expect((await watch()).headers.location).toBe(`${live}?signature=s3cret`);
  });
});

describe('off', () => {
  it('nothing is served, and nothing is read', async () => {
    const { app, asked } = await watchHarness({ mode: 'off', statuses: { final: onAir } });
    for (const file of ['index.m3u8', 'recording.m3u8', 'recording/v0.m3u8']) {
      const { statusCode, body } = await app.inject(`/watch/final/${file}`);
      expect(statusCode).toBe(404);
      expect(body).toContain('SHOWCALLER_WATCH is off');
    }
    expect(asked).toEqual([]);
  });
});

describe('the joined recording', () => {
  const statuses = { final: states['two recordings'] ?? {} };

  it('is one playlist of both, with an entity tag, in parts, and not again to those who have it', async () => {
    const { app } = await watchHarness({ statuses });
    const whole = await app.inject('/watch/final/recording.m3u8');
    const { segments } = HLS.parse(whole.body) as HLS.types.MediaPlaylist;
    expect(segments.map(({ uri, discontinuity = false }) => [uri, discontinuity])).toEqual([
      ['https://vod.example.com/a/a/seg.ts', false],
      ['https://vod.example.com/b/b/seg.ts', true],
    ]);
    expect(whole.headers['content-type']).toBe('application/vnd.apple.mpegurl');
    const etag = String(whole.headers.etag);
    const ask = (headers: Record<string, string>, method: 'GET' | 'HEAD' = 'GET') =>
      app.inject({ method, url: '/watch/final/recording.m3u8', headers });
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*'])
      expect((await ask({ 'if-none-match': known })).statusCode).toBe(304);
    expect((await ask({ 'if-none-match': '"x"' })).statusCode).toBe(200);
    const length = Buffer.byteLength(whole.body);
    const part = async (range: string, more = {}) => {
      const { statusCode, headers, body } = await ask({ range, ...more });
      return [statusCode, headers['content-range'], body];
    };
    expect(await part('bytes=0-6')).toEqual([206, `bytes 0-6/${length}`, '#EXTM3U']);
    expect(await part('bytes=-5')).toEqual([206, `bytes ${length - 5}-${length - 1}/${length}`, whole.body.slice(-5)]);
    expect(await part(`bytes=${length - 2}-`)).toEqual([206, expect.anything(), whole.body.slice(-2)]);
    expect(await part(`bytes=${length}-`)).toEqual([416, `bytes */${length}`, '']);
    expect(await part('bytes=9-2')).toEqual([200, undefined, whole.body]);
    expect(await part('bytes=0-1,4-5')).toEqual([200, undefined, whole.body]);
    expect(await part('bytes=0-6', { 'if-range': '"x"' })).toEqual([200, undefined, whole.body]);
    const head = await ask({}, 'HEAD');
    expect([head.body, head.headers['content-length'], head.headers.etag]).toEqual(['', String(length), etag]);
    const headOfPart = await ask({ range: 'bytes=0-6' }, 'HEAD');
    expect([headOfPart.statusCode, headOfPart.headers['content-length']]).toEqual([200, String(length)]);
  });

  it('says why where it cannot be had', async () => {
    const [variables, missing] = await Promise.all([
      watchHarness({
        statuses,
        forViewers: {
          file: async () => ({
            status: 200,
            contentType: '',
            body: Buffer.from('#EXTM3U\n#EXT-X-DEFINE:NAME="a",VALUE="b"\n'),
          }),
        },
      }),
      watchHarness({
        statuses,
        forViewers: { file: async () => ({ status: 404, contentType: '', body: Buffer.alloc(0) }) },
      }),
    ]);
    const refused = await variables.app.inject('/watch/final/recording.m3u8');
    expect([refused.statusCode, refused.json().detail]).toEqual([502, expect.stringContaining('EXT-X-DEFINE')]);
    const absent = await missing.app.inject('/watch/final/recording.m3u8');
    expect([absent.statusCode, absent.json().detail]).toEqual([503, expect.stringContaining('answer 404')]);
  });

  it('is what an operator had published again after the show', async () => {
    const { app } = await watchHarness({
      statuses: { final: states['no recording'] ?? {} },
      retries: { final: { eventId: 'final', by: 'ada', reason: 'again', proved: true, vod: [asset(secondPart)] } },
    });
    expect((await app.inject('/watch/final/index.m3u8')).headers.location).toBe(secondPart);
  });

  it('is none where it lies where no player reads', async () => {
    const statuses = { final: { ...states['one recording'], vod: [asset('s3://bucket/a.m3u8')] } };
    const { app } = await watchHarness({ statuses });
    const { statusCode, body } = await app.inject('/watch/final/index.m3u8');
    expect([statusCode, body]).toEqual([404, expect.stringContaining('s3: addresses')]);
    expect(body).not.toContain('bucket');
  });
});

describe('many viewers', () => {
  it('cost one read, and go on watching when nothing can be read any more', async () => {
    const { app, asked, failing } = await watchHarness({ statuses: { final: onAir } });
    const watch = () => app.inject('/watch/final/index.m3u8');
    const answers = await Promise.all(Array.from({ length: 200 }, watch));
    expect(answers.every(({ headers }) => headers.location === live)).toBe(true);
    expect(asked).toEqual(['final']);
    failing.with = new Error('no answer');
    expect((await watch()).headers.location).toBe(live);
  });

  it('and the stills of the board cost one read of an event', async () => {
    const { app, asked } = await watchHarness({ statuses: { final: onAir } });
    await app.inject('/watch/final/index.m3u8');
    await app.inject({ url: '/v1/events/final/still', headers: { authorization: 'Bearer viewer' } });
    expect(asked).toEqual(['final']);
  });

  it('are counted like other callers, and a page can read that', async () => {
    const { app } = await watchHarness({ statuses: { final: onAir }, limits: { requestsPerAddress: 2 } });
    const answers = [];
    for (let i = 0; i < 3; i += 1) answers.push(await app.inject('/watch/final/index.m3u8'));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([302, 302, 429]);
    expect(answers[2]?.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'retry-after': expect.any(String),
    });
  });
});

describe('the address that is given out', () => {
  const ask = async (mode: 'off' | 'token' | 'public', token: string, query = '') => {
    const harness = await watchHarness({ mode, statuses: { final: onAir } });
    const authorization = `Bearer ${token}`;
    const url = `/v1/events/final/viewer-address${query}`;
    return { ...harness, answer: await harness.app.inject({ url, headers: { authorization } }) };
  };

  it('leads to the show, for the time that was asked for', async () => {
    const before = Date.now();
    const { app, answer } = await ask('token', 'operator', '?validFor=2h');
    const { path, expiresAt } = answer.json();
    expect(expiresAt - before).toBeGreaterThanOrEqual(2 * 3_600_000);
    expect((await app.inject(path)).headers.location).toBe(live);
    expect((await ask('public', 'operator')).answer.json()).toEqual({ path: '/watch/final/index.m3u8' });
  });

  it('is not given out by readers of the board, for ever, or where there is none', async () => {
    expect((await ask('token', 'viewer')).answer.statusCode).toBe(403);
    for (const validFor of ['31d', '0s', 'soon'])
      expect((await ask('token', 'operator', `?validFor=${validFor}`)).answer.statusCode).toBe(400);
    expect((await ask('off', 'operator')).answer.statusCode).toBe(409);
  });
});

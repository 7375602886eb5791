import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Viewer, type ViewerGet } from '../../../../activities/on-air/viewer.ts';
import type { OnAirState } from '../../../../domain/on-air.ts';
import { type PlannedStream, planned } from './planned-stream.ts';

interface Seen {
  at: number;
  state: OnAirState;
  reason: string | undefined;
  dead: number;
}

/** Counts what is asked for. */
function counted(get: ViewerGet) {
  const cost = { requests: 0, bytes: 0 };
  const counting: ViewerGet = async (...request) => {
    const answer = await get(...request);
    cost.requests += 1;
    cost.bytes += answer.body.length;
    return answer;
  };
  return { get: counting, cost };
}

/** Looks as the poller does, a look a target duration, and gives each change of state. */
async function watched(plan: PlannedStream, untilMs: number, beginMs = 0, before: OnAirState = 'dark') {
  let now = beginMs;
  const stream = planned(plan, () => now);
  const { get, cost } = counted(stream.get);
  const viewer = new Viewer({ ...stream, get, sign: async (url) => url, elapsed: () => now, before });
  const changes: Seen[] = [];
  while (now < untilMs) {
    await viewer.look();
    const { state, reason } = viewer.main;
    const dead = viewer.dead.length;
    const last = changes.at(-1);
    if (last?.state !== state || last.dead !== dead) changes.push({ at: now, state, reason, dead });
    now += state === 'dark' ? 1_000 : viewer.nextInMs;
  }
  return { changes, states: changes.map(({ state }) => state), viewer, cost, asked: stream.asked };
}

const segmentMs = 2_000;
const whole = { segmentMs, sent: [{ from: 5_000, to: 300_000 }] };

describe('what a viewer gets', () => {
  it('is dark until the first segment, and on air within a second of it', async () => {
    const { changes } = await watched(whole, 60_000);
    expect(changes.map(({ state }) => state)).toEqual(['dark', 'on-air']);
    expect(changes[1]?.at).toBeGreaterThanOrEqual(7_500);
    expect(changes[1]?.at).toBeLessThanOrEqual(8_500);
  });

  it('is dark for as long as the first segment is late', async () => {
    const { changes } = await watched({ ...whole, packagingMs: 40_000 }, 90_000);
    expect(changes.map(({ state }) => state)).toEqual(['dark', 'on-air']);
    expect(changes[1]?.at).toBeGreaterThanOrEqual(47_000);
  });

  it.each(['freeze', 'down', 'gone'] as const)(
    'is known within three target durations and a look: %s',
    async (kind) => {
      const { changes } = await watched({ ...whole, troubles: [{ kind, from: 60_000, to: 120_000 }] }, 200_000);
      const state = { freeze: 'frozen', down: 'unknown', gone: 'gone' }[kind];
      expect(changes.map((one) => one.state)).toEqual(['dark', 'on-air', state, 'on-air']);
      // The last segment came at 59.5 s and was seen at the next look; the one after it should have come at 61.5 s.
      expect(changes[2]?.at).toBeLessThanOrEqual(61_500 + 3 * segmentMs);
      expect(changes[2]?.reason).toMatch(/no new segment for|ECONNREFUSED|no playlist at the address \(404\)/);
      expect(changes[3]?.at).toBeLessThanOrEqual(120_000 + 2 * segmentMs);
    },
  );

  it('is no alarm while one edge of two serves old playlists', async () => {
    const { states } = await watched({ ...whole, troubles: [{ kind: 'stale', from: 60_000, to: 200_000 }] }, 250_000);
    expect(states).toEqual(['dark', 'on-air']);
  });

  it('is not what an earlier show left at the address', async () => {
    const { states, viewer } = await watched({ segmentMs, sent: [{ from: 0, to: 30_000 }] }, 90_000, 40_000);
    expect(states).toEqual(['dark']);
    expect(viewer.main.reason).toMatch(/nothing new/);
  });

  it.each([undefined, ['low', 'high']])(
    'is nothing new when a list comes back as it was left: variants %j',
    async (variants) => {
      const troubles = [{ kind: 'gone' as const, from: 90_000, to: 150_000 }];
      const left = { segmentMs, sent: [{ from: 5_000, to: 61_500 }], troubles, ...(variants && { variants }) };
      const { states } = await watched(left, 240_000);
      expect(states).toEqual(['dark', 'on-air', 'frozen', 'gone', 'frozen']);
      const { changes } = await watched({ ...left, sent: [...left.sent, { from: 200_000, to: 240_000 }] }, 230_000);
      expect(changes.map(({ state }) => state)).toEqual([...states, 'on-air']);
      expect(changes.at(-1)?.at).toBeLessThanOrEqual(202_500 + segmentMs);
    },
  );

  it('is new when a list that was begun anew is found where the one before it ended', async () => {
    const sent = [
      { from: 5_000, to: 28_000 },
      { from: 40_000, to: 120_000 },
    ];
    const plan = { segmentMs, sent, renumbers: 'addresses' as const };
    // Both lists come to number 11; that of the first had half a segment there.
    const { states, changes } = await watched(
      { ...plan, troubles: [{ kind: 'gone', from: 58_000, to: 64_500 }] },
      70_000,
    );
    expect(states).toEqual(['dark', 'on-air', 'frozen', 'on-air', 'gone', 'on-air']);
    expect(changes.at(-1)?.at).toBeLessThanOrEqual(64_500 + segmentMs);
  });

  it('goes on where another worker left it: frozen is known again, and no second beginning is seen', async () => {
    const frozen = await watched({ segmentMs, sent: [{ from: 0, to: 30_000 }] }, 90_000, 40_000, 'on-air');
    expect(frozen.states).toEqual(['on-air', 'frozen']);
    expect((await watched(whole, 90_000, 40_000, 'on-air')).states).toEqual(['on-air']);
    expect((await watched(whole, 90_000, 40_000, 'frozen')).states).toEqual(['frozen', 'on-air']);
  });

  it('is on air while one variant lives, and says which is dead', async () => {
    const variants = ['low', 'mid', 'high'];
    for (const variant of variants) {
      const plan = { ...whole, variants, dead: { variant, from: 60_000 } };
      const { changes, viewer } = await watched(plan, 200_000);
      expect(changes.map(({ state }) => state)).toEqual(['dark', 'on-air', 'on-air']);
      expect(viewer.dead).toEqual([`variant ${variants.indexOf(variant) + 1} of ${variants.length}`]);
    }
    const { changes } = await watched({ ...whole, variants }, 200_000);
    expect(changes.map(({ dead }) => dead)).toEqual([0, 0]);
  });

  it.each([68_000, 72_000, 240_000])(
    'is nothing new when a dead variant gets what another gave: at %i ms',
    async (to) => {
      const variants = ['low', 'high'];
      const sent = [{ from: 5_000, to: 63_000 }];
      for (const [variant, dates] of [
        ['low', false],
        ['high', false],
        ['high', true],
      ] as const) {
        const plan = { segmentMs, sent, variants, dates, dead: { variant, from: 60_000, to } };
        const { changes } = await watched(plan, 300_000);
        expect([...new Set(changes.map(({ state }) => state))]).toEqual(['dark', 'on-air', 'frozen']);
        expect(changes.at(-1)?.at).toBeLessThanOrEqual(63_500 + 4 * segmentMs);
        // When it alone goes on, that is new.
        const again = { ...plan, sent: [...sent, { from: 270_000, to: 300_000 }] };
        const gone = { ...again, dead: { variant: variant === 'low' ? 'high' : 'low', from: 250_000 } };
        expect((await watched(gone, 300_000)).changes.at(-1)).toMatchObject({ state: 'on-air' });
      }
    },
  );

  it.each(['low', 'high'])(
    'is nothing new when %s, which was dead, gets what another gave in two steps',
    async (variant) => {
      const dead = { variant, from: 60_000, to: 72_000, partly: { at: 66_500, until: 90_000 } };
      const plan = { segmentMs, sent: [{ from: 5_000, to: 69_000 }], variants: ['low', 'high'], dates: true, dead };
      const { changes } = await watched(plan, 300_000);
      expect([...new Set(changes.map(({ state }) => state))]).toEqual(['dark', 'on-air', 'frozen']);
      expect(changes.at(-1)?.at).toBeLessThanOrEqual(69_500 + 4 * segmentMs);
    },
  );

  it('costs one request a target duration, of a variant list two, and a body only where something changed', async () => {
    const alone = await watched(whole, 300_000);
    expect(alone.cost.requests).toBeLessThanOrEqual(150 + 10);
    const listed = await watched({ ...whole, variants: ['low', 'high'] }, 300_000);
    expect(listed.cost.requests).toBeLessThanOrEqual(300 + 20);
    const slow = await watched({ segmentMs: 10_000, sent: [{ from: 0, to: 300_000 }] }, 300_000);
    expect(slow.cost.bytes).toBeLessThan(30 * 400);
  });
});

/** A show with drops and reconnects, whose packager works at every one of these speeds. */
const show = fc.record({
  segmentMs: fc.integer({ min: 1_000, max: 10_000 }),
  packagingMs: fc.integer({ min: 0, max: 3_000 }),
  dates: fc.boolean(),
  renumbers: fc.constantFrom('no', 'numbers', 'addresses'),
  vanishes: fc.boolean(),
  variants: fc.constantFrom(undefined, ['low', 'high']),
  spans: fc.array(
    fc.record({ awayMs: fc.integer({ min: 200, max: 90_000 }), sendsMs: fc.integer({ min: 15_000, max: 180_000 }) }),
    {
      minLength: 1,
      maxLength: 6,
    },
  ),
});

describe('500 shows with drops and reconnects', () => {
  it('raise no false alarm, and hide no real one', async () => {
    const property = fc.asyncProperty(show, async ({ spans, variants, ...stream }) => {
      let at = 0;
      const sent = spans.map(({ awayMs, sendsMs }) => {
        const from = at + awayMs;
        at = from + sendsMs;
        return { from, to: at };
      });
      const plan: PlannedStream = { ...stream, sent, ...(variants && { variants }) };
      // What an edge is behind by cannot be known from a list that begins anew in its place.
      const isLong = sent.every(({ from, to }) => to - from >= 5 * stream.segmentMs);
      fc.pre(isLong || stream.vanishes || stream.renumbers !== 'addresses');
      const targetMs = Math.ceil(plan.segmentMs / 1000) * 1000;
      const { changes } = await watched(plan, at + 60_000 + 6 * targetMs);
      const lagMs = plan.segmentMs + stream.packagingMs;
      for (const change of changes) {
        if (change.state !== 'frozen' && change.state !== 'gone') continue;
        // Frozen is said only where nothing new had come for three target durations.
        const sending = sent.find(({ from, to }) => change.at >= from + lagMs && change.at <= to);
        expect(sending, `${change.state} at ${change.at}: ${change.reason}`).toBeUndefined();
        expect(change.dead).toBe(0);
      }
      for (const [i, { to }] of sent.entries()) {
        const next = sent[i + 1]?.from ?? Number.POSITIVE_INFINITY;
        const mustBeKnown = to + stream.packagingMs + 4 * targetMs;
        if (next + plan.segmentMs < mustBeKnown) continue;
        const state = changes.findLast((one) => one.at <= mustBeKnown)?.state;
        expect(state, `after the loss at ${to}`).toBe(stream.vanishes ? 'gone' : 'frozen');
      }
    });
    await fc.assert(property, { numRuns: 500, seed: 20_261_128 });
  });
});

describe('a list of variants from outside', () => {
  const listing = (uris: readonly string[]) => {
    const body = Buffer.from(
      ['#EXTM3U', ...uris.flatMap((uri) => ['#EXT-X-STREAM-INF:BANDWIDTH=1', uri]), ''].join('\n'),
    );
    const { get, cost } = counted(async () => ({ status: 200, body }));
    const sign = async (url: string) => url;
    return { viewer: new Viewer({ url: 'https://edge.example/a.m3u8', get, sign, elapsed: () => 0 }), cost };
  };

  it('that lists itself is followed once', async () => {
    const { viewer, cost } = listing(['a.m3u8', 'b.m3u8']);
    await viewer.look();
    expect(cost.requests).toBeLessThan(5);
    expect(viewer.main.state).not.toBe('on-air');
  });

  it('costs a look no more than fifty variants do, and what is no address is left out', async () => {
    const { viewer } = listing(['http://[', ...Array.from({ length: 20_000 }, (_, i) => `${i}.m3u8`)]);
    await viewer.look();
    expect(viewer.variants).toBe(49);
  });

  it('whose addresses differ only behind the question mark has as many variants', async () => {
    let now = 0;
    const media = (newest: number) =>
      ['#EXTM3U', '#EXT-X-TARGETDURATION:2', `#EXT-X-MEDIA-SEQUENCE:${newest}`, '#EXTINF:2,', `${newest}.ts`].join(
        '\n',
      );
    const list = ['low', 'high'].flatMap((name) => ['#EXT-X-STREAM-INF:BANDWIDTH=1', `live.m3u8?token=${name}`]);
    const viewer = new Viewer({
      url: 'https://edge.example/live.m3u8',
      // Only the second goes on.
      get: async (url) => ({
        status: 200,
        body: Buffer.from(
          url.includes('high')
            ? media(Math.floor(now / 2_000))
            : url.includes('low')
              ? media(0)
              : ['#EXTM3U', ...list].join('\n'),
        ),
      }),
      sign: async (url) => url,
      elapsed: () => now,
    });
    // Longer than the list is kept.
    for (; now < 90_000; now += 2_000) await viewer.look();
    expect([viewer.variants, viewer.main.state, viewer.dead]).toEqual([2, 'on-air', ['variant 1 of 2']]);
  });
});

it('the newest segment is read where redirects led to its playlist', async () => {
  const at = 'https://edge-7.example/kept/live.m3u8';
  const list = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:2,\n7.ts\n';
  const files: Record<string, { url: string; text: string }> = {
    'https://watch.example/final.m3u8': { url: at, text: list },
    'https://edge-7.example/kept/7.ts': { url: 'https://edge-7.example/kept/7.ts', text: 'pictures' },
  };
  const viewer = new Viewer({
    url: 'https://watch.example/final.m3u8',
    get: async (url) => {
      const found = files[url];
      return found
        ? { status: 200, url: found.url, body: Buffer.from(found.text) }
        : { status: 404, body: Buffer.alloc(0) };
    },
    sign: async (url) => url,
    elapsed: () => 0,
  });
  await viewer.look();
  expect(Buffer.from((await viewer.newestSegment())?.bytes ?? []).toString()).toBe('pictures');
});

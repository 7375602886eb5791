import { describe, expect, it } from 'vitest';
import { isMissed } from '../../../domain/timeline.ts';
import { able } from './fake-vendors.ts';
import { endsAt, hour, minimal, minute, now, preparedOf, problemsOf, start, startsAt } from './plan-harness.ts';

describe('a sound plan', () => {
  it('gets every default', () => {
    expect(preparedOf(minimal)).toEqual({
      eventId: 'town-hall',
      title: 'town-hall',
      vendor: 'able',
      account: 'default',
      startsAt: start,
      endsAt: start + hour,
      hardEndsAt: start + 12 * hour,
      warmUpMs: 15 * minute,
      startLeadMs: 10 * minute,
      preflightMs: 60 * minute,
      preflightWaits: true,
      standby: false,
      sources: [],
      waits: { firstConnectMs: 30 * minute, encoderLostMs: 5 * minute, darkMs: minute, maxDurationMs: 12 * hour },
      vod: { publish: true, deadlineMs: 24 * hour },
      vendorOptions: { latencyMode: 'LOW' },
      capabilities: able.capabilities,
    });
  });

  it('keeps everything it says', () => {
    const plan = preparedOf({
      ...minimal,
      title: 'Town hall',
      account: 'eu-west',
      tenant: 'acme',
      warmUp: '20m',
      startLead: '5m',
      standby: true,
      sources: [
        'rtmps://studio.example/live/a',
        'srt://studio.example:9000?streamid=a',
        'https://cdn.example/a/b.m3u8?start=1',
      ],
      waits: { firstConnect: '10m', encoderLost: 'PT90S', maxDuration: '4h' },
      overrun: { while: 'encoder-connected', step: '2m', until: '2026-12-01T21:00:00+01:00' },
      vod: { publish: false, deadline: '2h' },
      vendorOptions: { latencyMode: 'NORMAL', viewers: 3 },
    });
    expect(plan).toMatchObject({
      title: 'Town hall',
      account: 'eu-west',
      tenant: 'acme',
      warmUpMs: 20 * minute,
      startLeadMs: 5 * minute,
      standby: true,
      hardEndsAt: start + 4 * hour,
      waits: { firstConnectMs: 10 * minute, encoderLostMs: 90_000, maxDurationMs: 4 * hour },
      overrun: { stepMs: 2 * minute, until: start + 2 * hour },
      vod: { publish: false, deadlineMs: 2 * hour },
      vendorOptions: { latencyMode: 'NORMAL', viewers: 3 },
    });
    expect(plan.sources).toHaveLength(3);
  });

  it('starts now when it does not say when', () => {
    const plan = preparedOf({ eventId: 'a', vendor: 'able', duration: '45m' });
    expect([plan.startsAt, plan.endsAt]).toEqual([now, now + 45 * minute]);
  });

  it('starts at the instant that a schedule meant', () => {
    const nominalStart = now - 3 * minute;
    const plan = preparedOf({ eventId: 'a', vendor: 'able', duration: '45m' }, { nominalStart });
    expect([plan.startsAt, plan.endsAt]).toEqual([nominalStart, nominalStart + 45 * minute]);
  });

  it('warms up at least as long as it opens before the start', () => {
    expect(preparedOf({ ...minimal, startLead: '40m' }).warmUpMs).toBe(40 * minute);
    expect(preparedOf({ ...minimal, warmUp: '0s' }).warmUpMs).toBe(10 * minute);
    expect(preparedOf({ ...minimal, warmUp: '0s', startLead: '0s' }).warmUpMs).toBe(0);
  });

  it('may last longer than the usual longest duration', () => {
    const plan = preparedOf({ ...minimal, endsAt: undefined, duration: '3d' });
    expect(plan.hardEndsAt).toBe(plan.endsAt);
  });

  it('is no problem when the show is over: that is missed', () => {
    const over = preparedOf({ ...minimal, startsAt: '2026-11-01T18:00:00Z', endsAt: '2026-11-01T19:00:00Z' });
    expect(isMissed(over, now)).toBe(true);
    const overWithoutStart = preparedOf({ eventId: 'a', vendor: 'able', endsAt: '2026-11-01T19:00:00Z' });
    expect(isMissed(overWithoutStart, now)).toBe(true);
    expect(overWithoutStart.startsAt).toBeLessThanOrEqual(overWithoutStart.endsAt);
  });

  it('may name no account at all where the accounts are not known', () => {
    expect(preparedOf({ ...minimal, account: 'anything' }).account).toBe('anything');
  });

  it('is not changed by preparing it', () => {
    const input = Object.freeze({ ...minimal, waits: Object.freeze({ encoderLost: '1m' }) });
    expect(preparedOf(input).waits.encoderLostMs).toBe(minute);
  });
});

const changes: [string, Record<string, unknown>, string, string | undefined, RegExp][] = [
  ['an unknown vendor', { vendor: 'vimeo' }, 'vendor', '"vimeo"', /one of able, plain/],
  ['no vendor', { vendor: undefined }, 'vendor', undefined, /required \(a string\)/],
  ['an unknown field', { endAt: endsAt }, 'endAt', `"${endsAt}"`, /not a known field; known here: eventId, title/],
  [
    'an unknown field below',
    { waits: { first: '1m' } },
    'waits.first',
    '"1m"',
    /known here: firstConnect, encoderLost, dark, max/,
  ],
  ['a number for a text', { title: 7 }, 'title', '7', /must be a string, not a number/],
  ['an empty title', { title: '' }, 'title', '""', /at least 1 characters/],
  ['a long title', { title: 'x'.repeat(201) }, 'title', `"${'x'.repeat(78)}…`, /at most 200 characters/],
  ['a title of two lines', { title: 'a\nb' }, 'title', '"a\\nb"', /one line/],
  ['a long tenant', { tenant: 'x'.repeat(101) }, 'tenant', `"${'x'.repeat(78)}…`, /at most 100 characters/],
  ['an event id with a space', { eventId: 'a b' }, 'eventId', '"a b"', /letters, digits/],
  ['a long event id', { eventId: 'a'.repeat(101) }, 'eventId', `"${'a'.repeat(78)}…`, /at most 100/],
  ['an account in capitals', { account: 'EU' }, 'account', '"EU"', /lower-case/],
  ['a start without zone', { startsAt: '2026-12-01T18:00' }, 'startsAt', '"2026-12-01T18:00"', /no time zone/],
  ['an end on no day', { endsAt: '2026-02-30T18:00:00Z' }, 'endsAt', '"2026-02-30T18:00:00Z"', /no such day/],
  [
    'an end before the start',
    { endsAt: '2026-12-01T17:00:00Z' },
    'endsAt',
    '"2026-12-01T17:00:00Z"',
    /after the start, 2026-12-01T18/,
  ],
  ['an end at the start', { endsAt: startsAt }, 'endsAt', `"${startsAt}"`, /after the start/],
  ['end and duration', { duration: '1h' }, 'endsAt', `"${endsAt}"`, /both given/],
  ['neither end nor duration', { endsAt: undefined }, 'endsAt', undefined, /required .* or duration/],
  [
    'a show of ten days',
    { endsAt: '2026-12-11T18:00:00Z' },
    'endsAt',
    '"2026-12-11T18:00:00Z"',
    /10d long: at most 7d/,
  ],
  ['a duration of ten days', { endsAt: undefined, duration: '10d' }, 'duration', '"10d"', /at most 7d/],
  ['no duration to speak of', { endsAt: undefined, duration: '0s' }, 'duration', '"0s"', /more than 0s/],
  [
    'a duration in words',
    { endsAt: undefined, duration: 'an hour' },
    'duration',
    '"an hour"',
    /not a duration: write "90s"/,
  ],
  ['a negative lead', { warmUp: '-5m' }, 'warmUp', '"-5m"', /not a duration/],
  ['a lead of two months', { warmUp: '60d' }, 'warmUp', '"60d"', /at least 0s and at most 30d/],
  ['a long start lead', { startLead: '31d' }, 'startLead', '"31d"', /at most 30d/],
  ['no wait to speak of', { waits: { encoderLost: '0s' } }, 'waits.encoderLost', '"0s"', /more than 0s and at most 7d/],
  ['waits that are a text', { waits: '5m' }, 'waits', '"5m"', /must be an object, not a string/],
  ['waits that are a list', { waits: [] }, 'waits', '[]', /must be an object, not a list/],
  [
    'a longest duration below the show',
    { waits: { maxDuration: '30m' } },
    'waits.maxDuration',
    '"30m"',
    /show, which lasts 1h/,
  ],
  [
    'an overrun of another kind',
    { overrun: { while: 'ever', until: '2026-12-01T20:00:00Z' } },
    'overrun.while',
    '"ever"',
    /"encoder-connected"/,
  ],
  ['an overrun without cap', { overrun: { while: 'encoder-connected' } }, 'overrun.until', undefined, /required/],
  [
    'an overrun until before the end',
    { overrun: { while: 'encoder-connected', until: '2026-12-01T18:30:00Z' } },
    'overrun.until',
    '"2026-12-01T18:30:00Z"',
    /after the end, 2026-12-01T19/,
  ],
  [
    'an overrun beyond the longest duration',
    { overrun: { while: 'encoder-connected', until: '2026-12-02T18:00:00Z' } },
    'overrun.until',
    '"2026-12-02T18:00:00Z"',
    /later than waits.maxDuration allows, 2026-12-02T06/,
  ],
  ['a deadline that is none', { vod: { deadline: 'soon' } }, 'vod.deadline', '"soon"', /not a duration/],
  ['a publish that is a text', { vod: { publish: 'yes' } }, 'vod.publish', '"yes"', /must be a boolean, not a string/],
  [
    'standby at a vendor without',
    { vendor: 'plain', standby: true },
    'standby',
    'true',
    /plain cannot keep a channel warm/,
  ],
  [
    'sources at a vendor without relay',
    { vendor: 'plain', sources: ['rtmp://a.example/b'] },
    'sources',
    '["rtmp://a.example/b"]',
    /plain cannot pull/,
  ],
  [
    'sources that are no list',
    { sources: 'rtmp://a.example/b' },
    'sources',
    '"rtmp://a.example/b"',
    /must be a list, not a string/,
  ],
  [
    'eleven sources',
    { sources: Array.from({ length: 11 }, () => 'srt://a.b') },
    'sources',
    expect.anything(),
    /at most 10 entries/,
  ],
  ['a source that is no URL', { sources: ['rtmp://a.example/b', 'studio'] }, 'sources[1]', '"studio"', /not a URL/],
  [
    'a source of another kind',
    { sources: ['ftp://a.example/b.flv'] },
    'sources[0]',
    '"ftp://a.example/b.flv"',
    /must be rtmp/,
  ],
  [
    'a source over HTTP that is no stream',
    { sources: ['https://a.example/b.html'] },
    'sources[0]',
    '"https://a.example/b.html"',
    /\.flv or \.m3u8/,
  ],
  [
    'an option the vendor does not know',
    { vendorOptions: { latency: 'LOW' } },
    'vendorOptions.latency',
    '"LOW"',
    /known here: latencyMode, streamKey, viewers/,
  ],
  [
    'an option of a vendor without',
    { vendor: 'plain', vendorOptions: { a: 1 } },
    'vendorOptions.a',
    '1',
    /none is known here/,
  ],
  [
    'an option out of its list',
    { vendorOptions: { latencyMode: 'ULTRA' } },
    'vendorOptions.latencyMode',
    '"ULTRA"',
    /"LOW" or "NORMAL"/,
  ],
  ['an option out of its bounds', { vendorOptions: { viewers: 11 } }, 'vendorOptions.viewers', '11', /at most 10$/],
  ['options that are a list', { vendorOptions: ['LOW'] }, 'vendorOptions', '["LOW"]', /must be an object, not a list/],
];

describe('a plan with one mistake', () => {
  it.each(changes)('names %s', (_, change, path, given, message) => {
    const problems = problemsOf({ ...minimal, ...change });
    expect(problems).toEqual([
      { path, message: expect.stringMatching(message), ...(given !== undefined && { given }) },
    ]);
  });

  it('names an account that is not configured, and those that are', () => {
    const accounts = (vendor: string) => (vendor === 'able' ? ['eu-west', 'us'] : []);
    expect(problemsOf({ ...minimal, account: 'asia' }, { accounts })).toEqual([
      { path: 'account', given: '"asia"', message: '"asia" is not configured for able: one of eu-west, us' },
    ]);
    expect(problemsOf(minimal, { accounts })).toEqual([
      { path: 'account', message: '"default" is not configured for able: one of eu-west, us' },
    ]);
    expect(problemsOf({ ...minimal, vendor: 'plain' }, { accounts })).toEqual([
      { path: 'account', message: '"default" is not configured for plain: no account of plain is configured' },
    ]);
    expect(problemsOf({ ...minimal, account: 'us' }, { accounts })).toEqual([]);
  });
});

describe('a plan with many mistakes', () => {
  it('names them all at once: of form, of time, of the vendor', () => {
    const paths = problemsOf({
      eventId: 'has spaces',
      vendor: 'plain',
      title: 5,
      startsAt,
      endsAt: '2026-12-01T17:00:00Z',
      standby: true,
      sources: ['rtmp://a.example/b'],
      warmUp: 'early',
      vendorOptions: { latencyMode: 'LOW' },
      colour: 'red',
    }).map(({ path }) => path);
    expect(paths.sort()).toEqual(
      ['colour', 'endsAt', 'eventId', 'sources', 'standby', 'title', 'vendorOptions.latencyMode', 'warmUp'].sort(),
    );
  });

  it('names each unknown field of its own', () => {
    expect(
      problemsOf({ ...minimal, a: 1, b: 2, vod: { c: 3 } })
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['a', 'b', 'vod.c']);
  });

  it('says nothing twice, and nothing about times that hang on a bad one', () => {
    expect(problemsOf({ ...minimal, startsAt: 'soon', waits: { maxDuration: '1m' } }).map(({ path }) => path)).toEqual([
      'startsAt',
    ]);
    expect(
      problemsOf({})
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['endsAt', 'eventId', 'vendor']);
  });

  it('does not hold an overrun against a longest duration that it could not read', () => {
    const overrun = { while: 'encoder-connected', until: '2026-12-02T18:00:00Z' };
    for (const waits of ['a day', { maxDuration: 'a day' }]) {
      expect(problemsOf({ ...minimal, overrun, waits })).toHaveLength(1);
    }
  });

  it('stops naming at a hundred and says how many more there are', () => {
    const unknown = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`field${i}`, i]));
    const problems = problemsOf({ ...minimal, ...unknown });
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toEqual({ path: '', message: 'has 50 more problems' });
  });
});

import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../domain/plan.ts';
import { checkPlan } from '../../../plan/check.ts';

const now = Date.UTC(2026, 11, 1, 12);

/** The paths and messages of what is wrong with a plan that is sound for its vendor but for what is given. */
function problemsOf(plan: Partial<Plan>): string[] {
  const checked = checkPlan({ eventId: 'show', duration: '1h', ...plan }, { now });
  return checked.ok ? [] : checked.problems.map(({ path, message }) => `${path} ${message}`);
}

const azure = (duration: string, vendorOptions: Plan['vendorOptions'] = {}, more: Partial<Plan> = {}) =>
  problemsOf({ vendor: 'azure-media-services', duration, vendorOptions, ...more });

describe('azure-media-services', () => {
  it.each([
    ['7d', {}, /^duration lets the show last 7d, and a recording keeps 1d1h at most: /],
    ['26h', {}, /^duration .* 1d1h at most/],
    ['10h', { encodingType: 'PassthroughBasic' }, /^duration .* 8h at most with PassthroughBasic/],
    ['10h', { streamOptions: ['LowLatencyV2'] }, /^duration .* 6h at most with LowLatencyV2/],
    ['1h', { archiveWindowLength: 'PT1S' }, /^vendorOptions.archiveWindowLength must be 1m at least/],
    ['1h', { archiveWindowLength: 'PT30H' }, /^vendorOptions.archiveWindowLength must be 1d1h at most/],
    ['2h', { archiveWindowLength: 'PT1H' }, /^vendorOptions.archiveWindowLength is shorter than the show, 2h/],
    ['1h', { presetName: 'default720p' }, /^vendorOptions.presetName .* not for PassthroughStandard/],
    ['1h', { hostnamePrefix: 'show' }, /^vendorOptions.hostnamePrefix .* useStaticHostname/],
    ['1h', { keyFrameInterval: 'PT21S' }, /^vendorOptions.keyFrameInterval must be 0.5 to 20 seconds/],
  ] satisfies [string, Plan['vendorOptions'], RegExp][])(
    '%s with %j is refused with the reason',
    (duration, options, why) => {
      expect(azure(duration, options)).toEqual([expect.stringMatching(why)]);
    },
  );

  it.each([
    ['25h', {}],
    ['8h', { encodingType: 'PassthroughBasic' }],
    ['6h', { streamOptions: ['LowLatencyV2'] }],
    ['1h', { archiveWindowLength: 'PT25H', keyFrameInterval: 'PT0.5S' }],
    ['1h', { encodingType: 'Standard', presetName: 'default720p' }],
  ] satisfies [string, Plan['vendorOptions']][])('%s with %j is accepted', (duration, options) => {
    expect(azure(duration, options)).toEqual([]);
  });

  it('counts an overrun, and nothing where no recording is published', () => {
    const overrun = { while: 'encoder-connected', until: '2h' } as const;
    expect(azure('24h', {}, { overrun, waits: { maxDuration: '27h' } })).toEqual([
      expect.stringMatching(/^overrun.until lets the show last 1d2h/),
    ]);
    expect(azure('7d', { archiveWindowLength: 'PT1H' }, { vod: { publish: false } })).toEqual([]);
  });

  it('reports everything at once, beside other problems', () => {
    const options = { encodingType: 'PassthroughBasic', presetName: 'p', archiveWindowLength: 'PT9H' };
    const paths = azure('9h', options, { title: '' }).map((line) => line.split(' ', 1)[0]);
    expect(paths.sort()).toEqual([
      'duration',
      'title',
      'vendorOptions.archiveWindowLength',
      'vendorOptions.presetName',
    ]);
  });
});

describe('aws-ivs', () => {
  it('merges a recording over reconnections for two days at most', () => {
    const reconnectWindowSeconds = 60;
    expect(problemsOf({ vendor: 'aws-ivs', duration: '49h', vendorOptions: { reconnectWindowSeconds } })).toEqual([
      expect.stringMatching(/^duration lets the show last 2d1h, and a merged recording lasts 2d at most/),
    ]);
    expect(problemsOf({ vendor: 'aws-ivs', duration: '49h' })).toEqual([]);
    expect(problemsOf({ vendor: 'aws-ivs', duration: '48h', vendorOptions: { reconnectWindowSeconds } })).toEqual([]);
  });
});

describe('alibaba-oss', () => {
  it('gives no publish URL that expires in the show', () => {
    const show = (ingestExpiresSeconds: number) =>
      problemsOf({ vendor: 'alibaba-oss', duration: '1h', vendorOptions: { ingestExpiresSeconds } });
    expect(show(600)).toEqual([expect.stringMatching(/^vendorOptions.ingestExpiresSeconds .* show of 1h/)]);
    expect(show(3600)).toEqual([]);
  });
});

describe('volcengine-live', () => {
  const vendor = 'volcengine-live';

  it('names a stream after the event id, in a hundred characters', () => {
    expect(problemsOf({ vendor, eventId: 'a'.repeat(83) })).toEqual([]);
    expect(problemsOf({ vendor, eventId: 'a'.repeat(84) })).toEqual([expect.stringMatching(/^eventId .* 83 are left/)]);
    expect(problemsOf({ vendor, eventId: `a${'_'.repeat(30)}` })).toEqual([expect.stringMatching(/^eventId takes 91/)]);
  });

  it('pulls only what its relay can', () => {
    const sources = ['rtmp://a.example/live/x', 'srt://b.example:9000?streamid=x'];
    expect(problemsOf({ vendor, sources })).toEqual([]);
    expect(problemsOf({ vendor, sources, vendorOptions: { relay: 'v3' } })).toEqual([
      expect.stringMatching(/^sources\[1\] is not an rtmp, http or https URL/),
    ]);
  });

  it('publishes no recording that it does not make', () => {
    const vendorOptions = { record: 'off' };
    expect(problemsOf({ vendor, vendorOptions })).toEqual([expect.stringMatching(/^vendorOptions.record leaves no/)]);
    expect(problemsOf({ vendor, vendorOptions, vod: { publish: false } })).toEqual([]);
  });
});

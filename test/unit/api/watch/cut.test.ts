import { describe, expect, it } from 'vitest';
import type { EventStatus, LegStatus } from '../../../../domain/report.ts';
import { asset, onAir, watchHarness } from './watch-harness.ts';

const showAt = Date.parse('2026-12-01T18:00:00Z');
const at = (seconds: number) => showAt + seconds * 1000;
const window = (from: number, to: number) => ({ from: at(from), to: at(to) });
const urlOf = (leg: string) => `https://${leg}.example/vod.m3u8`;

/** Two-second segments, each named by the second of the show at which it begins. */
function playlistOf(windows: readonly (readonly [number, number])[], hasDates: boolean): string {
  const lines = windows.flatMap(([from, to]) =>
    Array.from({ length: (to - from) / 2 }, (_, i) => [
      ...(hasDates ? [`#EXT-X-PROGRAM-DATE-TIME:${new Date(at(from + 2 * i)).toISOString()}`] : []),
      '#EXTINF:2.000,',
      `${from + 2 * i}.ts`,
    ]).flat(),
  );
  return ['#EXTM3U', '#EXT-X-TARGETDURATION:2', ...lines, '#EXT-X-ENDLIST', ''].join('\n');
}

/** What viewers are played of a show whose main leg lost its picture from the 20th to the 40th second. */
async function played(hasDates: { main: boolean; backup: boolean }): Promise<string[]> {
  const windows = {
    main: [
      [0, 20],
      [40, 60],
    ] as const,
    backup: [[10, 50]] as const,
  };
  const leg = (name: 'main' | 'backup'): LegStatus => ({
    ...{ name, vendor: name, account: 'default', start: 'with-event', begunAt: 0 },
    status: {
      ...onAir,
      ...{ phase: 'completed', vod: [asset(urlOf(name))] },
      channel: { ref: { vendor: name, account: 'default', name, workflowId: name }, details: {} },
      windows: windows[name].map(([from, to]) => window(from, to)),
    } as EventStatus,
  });
  const event: Partial<EventStatus> = {
    ...onAir,
    ...{ phase: 'completed', channel: undefined, vod: [asset(urlOf('main'))], legs: [leg('main'), leg('backup')] },
    recording: [
      { leg: 'main', url: urlOf('main'), ...window(0, 20) },
      { leg: 'backup', url: urlOf('backup'), ...window(20, 40) },
      { leg: 'main', url: urlOf('main'), ...window(40, 60) },
    ],
  };
  const readWith: string[] = [];
  const { app, address } = await watchHarness({
    statuses: { final: event },
    forViewers: {
      file: async (channel, url) => {
        const name = url.includes('main') ? 'main' : 'backup';
        readWith.push(`${name} by ${channel?.ref.vendor}`);
        return { status: 200, contentType: '', body: Buffer.from(playlistOf(windows[name], hasDates[name])) };
      },
    },
  });
  const index = await app.inject(address({ key: 'final' }));
  expect([index.statusCode, index.headers.location]).toEqual([302, 'recording.m3u8']);
  const { statusCode, body } = await app.inject(address({ key: 'final' }, 'recording.m3u8'));
  expect(statusCode, body).toBe(200);
  expect(new Set(readWith)).toEqual(new Set(['main by main', 'backup by backup']));
  return body.split('\n').filter((line) => line.startsWith('https:') || line === '#EXT-X-DISCONTINUITY');
}

const span = (leg: string, from: number, to: number) =>
  Array.from({ length: (to - from) / 2 }, (_, i) => `https://${leg}.example/${from + 2 * i}.ts`);

describe('the recording of an event whose legs each lack something', () => {
  it.each([
    { main: true, backup: true },
    { main: false, backup: true },
    { main: true, backup: false },
    { main: false, backup: false },
  ])('has each moment once, of the leg that has it; dates: %o', async (hasDates) => {
    const cut = '#EXT-X-DISCONTINUITY';
    expect(await played(hasDates)).toEqual([
      ...span('main', 0, 20),
      ...[cut, ...span('backup', 20, 40)],
      ...[cut, ...span('main', 40, 60)],
    ]);
  });
});

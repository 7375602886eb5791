import { expect, it } from 'vitest';
import type { Settings } from '../../../../vendors/volcengine-live/options.ts';
import type { Sdk } from '../../../../vendors/volcengine-live/sdk.ts';
import { publishVod } from '../../../../vendors/volcengine-live/vod.ts';

const second = 1_000;
const begun = Date.parse('2026-12-01T12:00:00Z');
const at = (seconds: number): string => new Date(begun + seconds * second).toISOString();
const page = <T>(items: T[]) => ({ items, more: false });

/** The recording of two sessions, 0 to 3 s and 3 to 6 s, of which these files are there. */
async function published(...files: [from: number, to: number][]) {
  const asked: string[] = [];
  const closed = [
    [0, 3],
    [3, 6],
  ].map(([from = 0, to = 0]) => ({ Stream: 'show', StartTime: at(from), EndTime: at(to) }));
  const listed = files.map(([from, to]) => ({
    ...{ Format: 'hls', FileName: `${from}_${to}.m3u8`, Path: 'record/live/show' },
    ...{ StartTimeUTC: at(from), EndTimeUTC: at(to) },
  }));
  const sdk: unknown = {
    now: () => begun + 7 * second,
    closedStreams: async () => page(closed),
    recordFiles: async () => page(listed),
    createIndexFile: async ({ OutputObject }: { OutputObject: string }) => {
      asked.push(OutputObject);
      return { RecordURL: `https://tos.test/${OutputObject}`, Duration: 6, OutputObject };
    },
  };
  const window = { from: begun, to: begun + 6 * second };
  const output = { record: 'preset', graceMs: 600 * second } as const;
  const details = {} as Parameters<typeof publishVod>[3];
  return publishVod(sdk as Sdk, {} as Settings, 'show', details, output, [window]);
}

it('waits for the file of a last session that is as short as what a file may lack at its end', async () => {
  expect(await published([0, 3])).toMatchObject({ done: false });
});

it('publishes once the file of the last session is there, also where its last segment is not whole', async () => {
  expect(await published([0, 3], [3, 5])).toMatchObject({ done: true, value: [{ durationMs: 6 * second }] });
});

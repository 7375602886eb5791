import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionFlags, showcaller, type WorkerProcess, workerProcess } from '../../support/processes.ts';
import { type Show, ShowHarness } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';

const vendor = 'alibaba-oss';
const tokyo = /T\d\d:\d\d:\d\d\+09:00/;
const utc = /T\d\d:\d\d:\d\d(\.\d+)?Z/;
let harness: ShowHarness;
let worker: WorkerProcess;
let show: Show;

beforeAll(async () => {
  harness = await ShowHarness.open({ vendors: [vendor] });
  worker = await workerProcess(harness);
  show = await harness.show(vendor, { duration: '2h', waits: { firstConnect: '2h' } });
  await show.reaches('waiting-for-encoder');
});
afterAll(async () => {
  await worker?.kill();
  await harness?.close();
});

/** What a person in Tokyo reads, on both streams. */
async function asked(...args: string[]): Promise<string> {
  const env = { ...harness.settings, TZ: 'Asia/Tokyo' };
  const { stdout, stderr } = await showcaller([...args, ...connectionFlags(harness)], { env });
  return stdout + stderr;
}

describe('a person reads of times in the zone of the terminal', () => {
  const id = () => show.eventId;
  const reason = ['--reason', 'overtime'];
  it.each<[string, () => string[]]>([
    ['where the event is', () => ['status', id()]],
    ['from when to when the channel is open', () => ['ingest', id(), '--for', 'obs']],
    ['what an action does', () => ['extend', id(), '+5m', ...reason]],
    ['why an action is refused', () => ['extend', id(), '2026-01-01T00:00:00Z', ...reason]],
  ])('%s', async (_what, args) => {
    const text = await asked(...args());
    expect(text).toMatch(tokyo);
    expect(text).not.toMatch(utc);
  });

  it('and in UTC when asked', async () => {
    expect(await asked('extend', id(), '+5m', ...reason, '--utc')).toMatch(utc);
  });

  it('in the report of the last sweep', async () => {
    await asked('sweep', '--dry-run');
    const text = await until(async () => {
      const last = await asked('sweep', '--last');
      return last.includes(', ended ') && last;
    });
    expect(text).toMatch(tokyo);
    expect(text).not.toMatch(utc);
  });

  it('in the report at the end of a watch', async () => {
    await harness.env.showcaller.cancel(id());
    const text = await asked('watch', id());
    expect(text).toMatch(tokyo);
    expect(text).not.toMatch(utc);
  });
});

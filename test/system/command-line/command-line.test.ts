import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventStatus } from '../../../domain/report.ts';
import { freePort } from '../../../temporal/dev-server/free-port.ts';
import { processOutputs } from '../../support/process-output.ts';
import {
  connectionFlags,
  type Finished,
  showcaller,
  type WorkerProcess,
  workerProcess,
} from '../../support/processes.ts';
import { isProved, type Show, ShowHarness } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';

const vendor = 'alibaba-oss';
let harness: ShowHarness;
let worker: WorkerProcess;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'showcaller-cli-'));
  harness = await ShowHarness.open({ vendors: [vendor] });
  worker = await workerProcess(harness);
});
afterAll(async () => {
  await worker.kill();
  await harness.close();
  await rm(folder, { recursive: true });
});

const at = () => connectionFlags(harness);

async function planFile(show: Show): Promise<string> {
  const file = join(folder, `${show.eventId}.json`);
  await writeFile(file, JSON.stringify(show.plan));
  return file;
}

describe.concurrent('a person at the command line', () => {
  it('starts an event, watches it, gets its ingest URL, stops it, and reads its report', async () => {
    const show = harness.showOf(vendor);
    const waiting = showcaller(['start', await planFile(show), '--wait', '--json', ...at()]);
    await show.reaches('waiting-for-encoder');

    const again = await showcaller(['start', await planFile(show), '--json', ...at()]);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ eventId: show.eventId, started: false });

    const ingest = await showcaller(['ingest', show.eventId, ...at()], { env: harness.settings });
    expect(ingest.code).toBe(0);
    const [url = ''] = ingest.stdout.split('\n');
    await harness.encoder(url);
    await show.reaches('live');

    const status = await showcaller(['status', show.eventId, '--json', ...at()]);
    expect(status.code).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({
      phase: 'live',
      encoder: 'connected',
      pending: [{ name: 'watchEncoder' }],
    });

    const viewing = showcaller(['watch', show.eventId, '--viewer', ...at()], { env: harness.settings });
    await until(() => processOutputs().some(({ text }) => text().includes('seen from here: on-air')));

    // A machine that is late with its looks says so: until it has looked.
    const query = `WorkflowId = 'live-event/${show.eventId}'`;
    const listed = await until(async () => {
      const one = await showcaller(['list', '--json', ...at(), '--query', query]);
      return !one.stdout.includes('"stale"') && one;
    });
    expect(listed.code).toBe(0);
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { eventId: show.eventId, vendor, workflowStatus: 'RUNNING', phase: 'live', conditions: [] },
    ]);
    const stop = await showcaller(['stop', show.eventId, '--reason', 'enough', '--by', 'ann', '--json', ...at()]);
    expect(stop.code).toBe(0);
    expect(JSON.parse(stop.stdout)).toMatchObject({ accepted: true });

    const { code, stdout } = await waiting;
    const report = JSON.parse(stdout) as EventStatus;
    expect(code).toBe(0);
    expect(report).toMatchObject({
      endReason: 'stopped-by-operator',
      createdBy: 'tester',
      audit: [{ action: 'stopNow', by: 'ann', reason: 'enough' }],
    });
    expect(isProved(report)).toBe(true);
    const viewed = await viewing;
    expect(viewed).toMatchObject({ code: 0, stdout: expect.stringContaining('viewers   viewers got') });

    const text = await showcaller(['status', show.eventId, ...at()]);
    expect(text.stdout).toContain('completed (stopped-by-operator)');
    expect(text.stdout).toContain('proved');
    expect(text.stdout).toContain('created   by tester');
    expect(text.stdout).toMatch(/operator +\S+ stop by ann: enough/);

    const late = await showcaller(['stop', show.eventId, '--reason', 'again', ...at()]);
    expect(late.code).toBe(1);
    expect(late.stderr).toContain('is over');
  });

  it('finds an event in a table, a CSV and a span of time, and extends it by a duration', async () => {
    const show = await harness.show(vendor, { duration: '20m', waits: { firstConnect: '20m' } });
    const { endsAt } = await show.reaches('waiting-for-encoder');
    const alone = ['--query', `WorkflowId = 'live-event/${show.eventId}'`, ...at()];
    const table = await showcaller(['list', '--search', show.eventId.toUpperCase(), '--utc', ...alone]);
    expect(table.stdout).toMatch(/^EVENT +TITLE +VENDOR +PHASE +VIEWERS +START +AGE +NOTE\n/);
    expect(table.stdout).toMatch(new RegExp(`\n${show.eventId} .* waiting-for-encoder .*Z  \\d+[sm]`));
    const csv = await showcaller(['list', '-o', 'csv', '--running', ...alone]);
    expect(csv.stdout.split('\n')[1]).toContain(`${show.eventId},`);
    const none = await showcaller(['list', '--from', '2031-01-01T00:00:00Z', ...alone]);
    expect(none.stdout).toBe('no events\n');
    const extended = await showcaller(['extend', show.eventId, '+10m', '--reason', 'overtime', ...at()]);
    expect(extended).toMatchObject({ code: 0 });
    await until(async () => (await show.reaches('waiting-for-encoder')).endsAt === endsAt + 600_000);
    await harness.env.showcaller.cancel(show.eventId);
    await show.result();
  });

  it('learns what a start would do, and what differs from what is there', async () => {
    const show = harness.showOf(vendor);
    const file = await planFile(show);
    const dry = await showcaller(['start', file, '--dry-run', ...at()]);
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing was started; this would be') });
    await expect(harness.env.showcaller.status(show.eventId)).rejects.toThrow('there is no event');
    expect((await showcaller(['start', file, '--expect', 'new', ...at()])).code).toBe(0);
    const again = await showcaller(['start', file, '--expect', 'new', ...at()]);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('a new one was expected') });
    const input = JSON.stringify({ ...show.plan, title: 'Another' });
    const other = await showcaller(['start', '-', ...at()], { input });
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('it differs in title') });
    await show.reaches('waiting-for-encoder');
    await harness.env.showcaller.cancel(show.eventId);
    await show.result();
  });

  it('gets exit code 1 when the event failed', async () => {
    const show = harness.showOf(vendor, { waits: { firstConnect: '1s' } });
    const { code, stdout } = await showcaller(['start', await planFile(show), '--wait', ...at()]);
    expect(code).toBe(1);
    expect(stdout).toContain('failed (encoder-never-connected)');
    const watched = await showcaller(['watch', show.eventId, '--json', ...at()]);
    expect(watched.code).toBe(1);
    expect(JSON.parse(watched.stdout)).toMatchObject([{ endReason: 'encoder-never-connected' }]);
  });

  it('learns at once that no worker runs the event', async () => {
    const nobodys = [...at().slice(0, -1), `nobody-${harness.env.taskQueue}`];
    const show = harness.showOf(vendor);
    expect((await showcaller(['start', await planFile(show), ...nobodys])).code).toBe(0);
    const { code, stderr } = await showcaller(['status', show.eventId, ...nobodys]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('no worker answers') });
    await harness.env.client.workflow.getHandle(`live-event/${show.eventId}`).terminate();
  });

  it('cancels an event', async () => {
    const show = await harness.show(vendor);
    await show.reaches('waiting-for-encoder');
    const { code, stderr } = await showcaller(['cancel', show.eventId, '--reason', 'rain', '--by', 'ann', ...at()]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = await show.result();
    expect(report).toMatchObject({ endReason: 'cancelled', released: true });
    expect(report.audit).toMatchObject([{ action: 'cancel', by: 'ann', reason: 'rain' }]);
  });
});

const nowhere = async () => `127.0.0.1:${await freePort()}`;

/** Everything a tired person may type: what it says, and the exit code. */
const mishaps: [string, () => Promise<Finished>, number, RegExp][] = [
  ['a plan that is not JSON', () => showcaller(['start', '-', ...at()], { input: '{ "vendor":' }), 2, /is not JSON/],
  [
    'a plan that is not there',
    () => showcaller(['start', 'no-such.json', ...at()]),
    2,
    /cannot read the plan from no-such\.json/,
  ],
  ['an unknown command', () => showcaller(['strat']), 2, /unknown command 'strat'/],
  ['an unknown option', () => showcaller(['list', '--all', ...at()]), 2, /unknown option '--all'/],
  ['an operator’s action without a reason', () => showcaller(['stop', 'x', ...at()]), 2, /--reason/],
  ['an unknown event', () => showcaller(['status', 'nobody-knows', ...at()]), 2, /there is no event nobody-knows/],
  ['a list that cannot be filtered so', () => showcaller(['list', '--query', 'Phase ==', ...at()]), 1, /query/i],
  ['a worker without an account', () => showcaller(['worker', ...at()]), 2, /no vendor account is configured/],
  [
    'a worker with half an account',
    () => showcaller(['worker', ...at()], { env: { ALIBABA_OSS_REGION: 'oss-cn-hangzhou' } }),
    2,
    /ALIBABA_OSS_BUCKET/,
  ],
  ['a Temporal that is not there', async () => showcaller(['list', '--address', await nowhere()]), 1, /127\.0\.0\.1/],
  [
    'a worker for a Temporal that is not there',
    async () => showcaller(['worker', '--address', await nowhere()], { env: harness.settings }),
    1,
    /127\.0\.0\.1/,
  ],
];

describe('a mishap', () => {
  it('is reported in one clear line, with an exit code that says whose fault it is', async () => {
    const half = Math.ceil(mishaps.length / 2);
    const perform = async (some: typeof mishaps) => {
      for (const [what, run, expected, words] of some) {
        const { code, stdout, stderr } = await run();
        expect({ what, code, stderr }).toEqual({ what, code: expected, stderr: expect.stringMatching(words) });
        expect({ what, stdout }).toEqual({ what, stdout: '' });
        expect({ what, trace: /^\s+at .*:\d+:\d+/m.test(stderr) }).toEqual({ what, trace: false });
      }
    };
    await Promise.all([perform(mishaps.slice(0, half)), perform(mishaps.slice(half))]);
  });

  it('of a command by its former name says the name of today', async () => {
    const { code, stderr } = await showcaller(['release', 'nobody-knows', '--reason', 'habit', ...at()]);
    expect(code).toBe(2);
    expect(stderr).toContain('release is now called abandon-cleanup');
  });

  it('is one JSON document on stdout when asked for', async () => {
    const { code, stdout } = await showcaller(['status', 'nobody-knows', '--json', ...at()]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { name: 'NoSuchEventError' } });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventStatus } from '../../../domain/report.ts';
import { type WorkerProcess, workerProcess } from '../../support/processes.ts';
import { secretsIn } from '../../support/secrets.ts';
import { isProved, lengthMs, type Show, ShowHarness, vendorNames } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';

/** Here a worker dies between attempts; `test/system/crashes` has those that die in one. */
const betweenAttemptsMs = 150;

let harness: ShowHarness;
const shows = new Map<string, Show>();
const reports = new Map<string, EventStatus>();
const workers: WorkerProcess[] = [];

async function pendingOf(show: Show) {
  const handle = harness.env.client.workflow.getHandle(`live-event/${show.eventId}`);
  return (await handle.describe()).raw.pendingActivities ?? [];
}

async function killBetweenAttempts(worker: WorkerProcess): Promise<void> {
  const isWaiting = async (show: Show) => {
    const steps = await harness.env.showcaller.pending(show.eventId);
    return steps.length > 0 && steps.every((step) => (step.nextAttemptAt ?? 0) > Date.now() + betweenAttemptsMs);
  };
  await until(async () => (await Promise.all([...shows.values()].map(isWaiting))).every(Boolean));
  await worker.kill();
}

/** Until this worker, and no other, looks after every event. */
async function hasTakenOver(worker: WorkerProcess): Promise<void> {
  const looksAfter = async (show: Show) =>
    (await pendingOf(show)).some(({ lastWorkerIdentity }) => lastWorkerIdentity?.startsWith(`${worker.pid}@`));
  await until(async () => (await Promise.all([...shows.values()].map(looksAfter))).every(Boolean));
}

async function nextWorker(): Promise<WorkerProcess> {
  const worker = await workerProcess(harness);
  workers.push(worker);
  return worker;
}

/** One event per vendor at once; a worker is killed in the wait, its successor in the live phase. */
beforeAll(async () => {
  harness = await ShowHarness.open();
  const first = await nextWorker();
  for (const vendor of vendorNames) shows.set(vendor, await harness.show(vendor));
  const all = [...shows.values()];
  await Promise.all(all.map((show) => show.reaches('waiting-for-encoder')));
  await hasTakenOver(first);
  const urls = await Promise.all(all.map((show) => show.ingestUrl()));
  await killBetweenAttempts(first);
  await Promise.all(urls.map((url) => harness.encoder(url)));
  const second = await nextWorker();
  await Promise.all(all.map((show) => show.reaches('live')));
  await hasTakenOver(second);
  await killBetweenAttempts(second);
  const third = await nextWorker();
  await hasTakenOver(third);
  await Promise.all(
    all.map(async (show) => {
      await show.stopNow();
      reports.set(show.vendor, await show.result());
    }),
  );
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  await harness.close();
});

describe.each(vendorNames)('on %s, after kill -9 of the worker in the wait and in the live phase', (vendor) => {
  it('another worker carries on to the end', () => {
    expect(reports.get(vendor)).toMatchObject({
      endReason: 'stopped-by-operator',
      phase: 'completed',
      released: true,
      troubles: [],
    });
  });

  it('the VOD is whole, in one window', () => {
    const report = reports.get(vendor);
    expect(report?.windows).toHaveLength(1);
    // The show went on without a worker: what was sent then is recorded too.
    expect(lengthMs(report?.windows ?? [])).toBeGreaterThan(5000);
    expect(report && isProved(report), JSON.stringify(report?.vod)).toBe(true);
  });

  it('one channel was made and none is left', () => {
    expect(harness.channelsMade(vendor)).toBe(1);
    expect(harness.left(vendor)).toEqual([]);
  });

  it('nothing secret is in the history', async () => {
    const history = await shows.get(vendor)?.history();
    expect(secretsIn(history?.texts ?? [], [...harness.accounts.secrets(), ...harness.keys])).toEqual([]);
  });
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { EventStatus } from '../../../domain/report.ts';
import { type PersistentEncoder, persistentEncoder } from '../../support/persistent-encoder.ts';
import type { WorkerProcess } from '../../support/processes.ts';
import { isProved, type Show, ShowHarness, vendorNames } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';
import { workerOn } from './crashed-show.ts';
import { OwnServer } from './own-server.ts';

const airtimeMs = 3_000;

let server: OwnServer;
let harness: ShowHarness;
const shows = new Map<string, Show>();
const reports = new Map<string, EventStatus>();
const encoders: PersistentEncoder[] = [];
const workers: WorkerProcess[] = [];

async function nextWorker(): Promise<WorkerProcess> {
  const bundlePath = join(server.folder, 'bundle.js');
  const worker = await workerOn(harness, { taskQueue: harness.env.taskQueue, bundlePath });
  workers.push(worker);
  return worker;
}

async function connects(show: Show): Promise<void> {
  encoders.push(persistentEncoder(await until(() => show.ingestUrl().catch(() => undefined))));
  const { entered } = await show.reaches('live');
  await until(() => Date.now() - (entered.live ?? Number.POSITIVE_INFINITY) >= airtimeMs);
}

/** A client asks again when its server was away. */
async function ends(show: Show): Promise<void> {
  reports.set(show.vendor, await until(() => show.result().catch(() => undefined)));
}

/** When the server dies: one show waits for its encoder, one is live, one stops, one is only planned. */
beforeAll(async () => {
  server = await OwnServer.open();
  harness = await ShowHarness.open({ server: { address: server.address, namespace: server.namespace }, slowness: 0.5 });
  await writeFile(join(server.folder, 'bundle.js'), inject('workflowCode'));
  const first = await nextWorker();
  const [waiting, live, stopping, planned] = vendorNames.map((vendor) => harness.showOf(vendor));
  if (!waiting || !live || !stopping || !planned) throw new Error('there are fewer vendors than shows');
  for (const show of [waiting, live, stopping, planned]) shows.set(show.vendor, show);
  planned.plan.startsAt = new Date(Date.now() + 30_000).toISOString();
  await Promise.all([...shows.values()].map((show) => harness.env.showcaller.start(show.plan)));
  await Promise.all([
    waiting.reaches('waiting-for-encoder'),
    planned.reaches('scheduled'),
    connects(live),
    connects(stopping),
  ]);
  await stopping.stopNow();
  await server.crash();

  await Promise.all([ends(stopping), connects(waiting), planned.reaches('waiting-for-encoder')]);
  await live.stopNow();
  await server.crash(() => first.kill());
  await nextWorker();

  await connects(planned);
  await Promise.all([planned.stopNow(), waiting.stopNow()]);
  await Promise.all([ends(live), ends(planned), ends(waiting)]);
});

afterAll(async () => {
  await Promise.all(encoders.map((encoder) => encoder.stop()));
  await Promise.all(workers.map((worker) => worker.kill()));
  await harness.close();
  await server.close();
});

describe.each(vendorNames)('on %s, after kill -9 of the Temporal server, and of server and worker', (vendor) => {
  it('the show came to its end, and nothing is left', () => {
    const report = reports.get(vendor);
    expect(report, report?.endDetail).toMatchObject({
      endReason: 'stopped-by-operator',
      phase: 'completed',
      released: true,
      troubles: [],
    });
    // The server starts at once what waited to be tried again: no worker takes that instant for the present.
    expect(report?.clocks).toBeUndefined();
    expect(harness.channelsMade(vendor)).toBe(1);
    expect(harness.left(vendor)).toEqual([]);
  });

  it('the VOD is whole, in one window', () => {
    const report = reports.get(vendor);
    expect(report?.windows).toHaveLength(1);
    expect(report && isProved(report), JSON.stringify(report?.vod)).toBe(true);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { EventStatus } from '../../../domain/report.ts';
import { bundleNow } from '../../../worker/bundle-now.ts';
import { sourceCopy } from '../../guards/source-copy.ts';
import { type PersistentEncoder, persistentEncoder } from '../../support/persistent-encoder.ts';
import type { WorkerProcess } from '../../support/processes.ts';
import { isProved, type Show, ShowHarness, vendorNames } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';
import { workerOn } from './crashed-show.ts';

const airtimeMs = 2_000;
const marker = { early: 'a-build-that-asks-early', late: 'a-build-that-asks-late' };

/** The workflow with two guarded additions: where runs that are live have passed, and where they have not. */
async function newerBuild(): Promise<string> {
  const copy = await sourceCopy();
  try {
    const path = 'workflows/live-event/live-event.ts';
    const imports = "import { patched as isOfThisBuild, sleep as wait } from '@temporalio/workflow';\n";
    const asks = (name: string) => `if (isOfThisBuild('${name}')) await wait(20, { summary: '${name}' });`;
    const text = `${imports}${await copy.read(path)}`
      .replace("  run.enter('allocating');\n", `  ${asks(marker.early)}\n  run.enter('allocating');\n`)
      .replace('    await closeDown(run);\n', `    ${asks(marker.late)}\n    await closeDown(run);\n`);
    if (!Object.values(marker).every((name) => text.includes(asks(name))))
      throw new Error(`${path} has no such places any more`);
    await copy.write(path, text);
    const workflowsPath = join(copy.folder, 'workflows/index.ts');
    return (await bundleNow(undefined, workflowsPath)).code;
  } finally {
    await copy.remove();
  }
}

let harness: ShowHarness;
let folder: string;
const shows = new Map<string, Show>();
const reports = new Map<string, EventStatus>();
const encoders: PersistentEncoder[] = [];
const workers: WorkerProcess[] = [];

async function workerOfBuild(bundlePath: string): Promise<WorkerProcess> {
  const worker = await workerOn(harness, { taskQueue: harness.env.taskQueue, bundlePath });
  workers.push(worker);
  return worker;
}

/** Every show is live by the build of today, and ends by a newer one. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'showcaller-builds-'));
  const [today, newer] = [join(folder, 'today.js'), join(folder, 'newer.js')];
  harness = await ShowHarness.open();
  await Promise.all([writeFile(today, inject('workflowCode')), writeFile(newer, await newerBuild())]);
  const first = await workerOfBuild(today);
  await Promise.all(
    vendorNames.map(async (vendor) => {
      const show = await harness.show(vendor);
      shows.set(vendor, show);
      await show.reaches('waiting-for-encoder');
      encoders.push(persistentEncoder(await show.ingestUrl()));
      await show.reaches('live');
    }),
  );
  await first.stop();
  await workerOfBuild(newer);
  const since = Date.now();
  await until(() => Date.now() - since >= airtimeMs);
  await Promise.all(
    [...shows.values()].map(async (show) => {
      await show.stopNow();
      reports.set(show.vendor, await show.result());
    }),
  );
});

afterAll(async () => {
  await Promise.all(encoders.map((encoder) => encoder.stop()));
  await Promise.all(workers.map((worker) => worker.kill()));
  await harness.close();
  await rm(folder, { recursive: true, force: true });
});

describe.each(vendorNames)('a worker of a newer build that takes over a live show on %s', (vendor) => {
  it('brings it to its end, proved, with one channel made and none left', () => {
    const report = reports.get(vendor);
    const why = JSON.stringify(report, undefined, 1);
    expect(report, why).toMatchObject({ endReason: 'stopped-by-operator', released: true, troubles: [] });
    expect(report?.windows, why).toHaveLength(1);
    expect(report && isProved(report), why).toBe(true);
    expect(harness.channelsMade(vendor)).toBe(1);
    expect(harness.left(vendor)).toEqual([]);
  });

  // No attempt is looked at: one that Temporal hands out while the worker stops is lost, and made again by the next one.
  it('does what is new only where the run has not been yet, and fails no workflow task', async () => {
    const history = await shows.get(vendor)?.history();
    const asked = (name: string) => history?.texts.some((text) => text.includes(name));
    expect([asked(marker.early), asked(marker.late)]).toEqual([false, true]);
    const failed = history?.raw.events?.filter(
      ({ workflowTaskFailedEventAttributes }) => workflowTaskFailedEventAttributes,
    );
    expect(failed).toEqual([]);
  });
});

/** How long a worker takes to start from the prebuilt bundle, and with bundling at its start. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { startEmbeddedServer } from '../temporal/dev-server/embedded-server.ts';
import { nativeConnect } from '../temporal/native-connection.ts';
import { workerConfig } from '../test/support/worker-config.ts';
import { bundleNow } from '../worker/bundle-now.ts';
import { runWorker } from '../worker/run.ts';
import { installRuntime } from '../worker/telemetry/runtime.ts';
import { printRows, rounded } from './stand.ts';

const times = 3;

const runtime = installRuntime({ logLevel: 'ERROR' });
const server = await startEmbeddedServer();
const connected = await nativeConnect({ address: server.address, namespace: server.namespace });
const folder = await mkdtemp(join(tmpdir(), 'showcaller-bench-'));
try {
  const codePath = join(folder, 'workflow-bundle.js');
  await writeFile(codePath, (await bundleNow()).code);
  const prebuilt = await medianMs(async () => ({ codePath }));
  const bundled = await medianMs(bundleNow);
  printRows(
    'worker-start',
    [
      { bundle: 'prebuilt', 'start, ms': rounded(prebuilt, 0) },
      { bundle: 'made at the start', 'start, ms': rounded(bundled, 0) },
    ],
    { 'bundling at the start, times as long': rounded(bundled / prebuilt, 1) },
  );
} finally {
  await rm(folder, { recursive: true });
  await connected.connection.close();
  await server.stop();
}

async function medianMs(bundle: () => Promise<WorkflowBundleOption>): Promise<number> {
  const taken: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const from = performance.now();
    const worker = await runWorker(workerConfig(), { runtime, connected, bundle: await bundle() });
    taken.push(performance.now() - from);
    await worker.stop();
  }
  return taken.sort((a, b) => a - b)[Math.floor(times / 2)] ?? Number.NaN;
}

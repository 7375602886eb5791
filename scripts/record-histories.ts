import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Subscriber } from '../activities/webhooks/subscriber.ts';
import { ShowcallerClient } from '../client/client.ts';
import { bookingsIdOf, legKeyOf, webhooksIdOf, workflowIdOf, workflowType } from '../domain/ids.ts';
import { connect } from '../temporal/connection.ts';
import { startEmbeddedServer } from '../temporal/dev-server/embedded-server.ts';
import { type NativeConnected, nativeConnect } from '../temporal/native-connection.ts';
import { fakeAccounts } from '../test/support/accounts.ts';
import { FakeVendor } from '../test/support/fake-driver.ts';
import { workerConfig } from '../test/support/worker-config.ts';
import { bundleNow } from '../worker/bundle-now.ts';
import { runWorker } from '../worker/run.ts';
import { installRuntime } from '../worker/telemetry/runtime.ts';
import { searchAttributes } from '../workflows/search-attributes.ts';
import { goldenRunOf, planOf, type Scene, scenes } from './golden-scenes.ts';
import { type HistoryJson, neutral, recorder } from './neutral-history.ts';

// Records one run of each way through the workflow, or of those that are named:
// `node --import tsx scripts/record-histories.ts [scene …]`. What they are for, and when to record anew, is in
// docs/versioning.md.

const folder = fileURLToPath(new URL('../test/histories/', import.meta.url));

const named = process.argv.slice(2);
const unknown = named.filter((why) => !(why in scenes));
if (unknown.length > 0)
  throw new Error(`no such scene: ${unknown.join(', ')}; there are ${Object.keys(scenes).join(', ')}`);

/** Delivering is stood in for: nothing is sent. */
const subscriber: Omit<Subscriber, 'types'> = {
  name: 'recorder',
  url: 'https://subscriber.invalid/',
  isDefault: true,
  secrets: [],
};

const runtime = installRuntime({ logLevel: 'ERROR' });

interface Studio {
  client: Client;
  connected: NativeConnected;
  bundle: { code: string };
}

/** The history of the run, and of the workflow that delivered its webhooks, by the names of their records. */
async function record(
  { client, connected, bundle }: Studio,
  why: string,
  scene: Scene,
): Promise<Record<string, HistoryJson>> {
  const vendor = new FakeVendor();
  scene.before?.(vendor);
  const taskQueue = `golden-${why}`;
  const eventId = `golden-${why}`;
  const config = workerConfig({
    taskQueue,
    accounts: fakeAccounts('default'),
    timeScale: 0.02,
    proofGraceMs: 5000,
    subscribers: scene.subscribes ? [{ ...subscriber, types: scene.subscribes }] : [],
    ...(scene.books && { budgetOf: () => ({ minutes: 60, onLimit: 'refuse' as const }) }),
  });
  const running = await runWorker(config, {
    runtime,
    connected,
    bundle,
    identity: recorder,
    poller: false,
    drivers: async (_vendor, account) => vendor.driver(account),
    activities: (composed) => ({ ...composed, deliver: async () => ({ outcome: 'delivered' }) }),
  });
  try {
    const handle = await client.workflow.start(workflowType, {
      workflowId: workflowIdOf(eventId),
      taskQueue,
      args: [planOf(scene, eventId)],
    });
    await scene.perform(goldenRunOf(new ShowcallerClient(client, { taskQueue }), vendor, eventId));
    // However it ends, it is recorded.
    await handle.result().catch(() => {});
    const delivery = client.workflow.getHandle(webhooksIdOf(eventId, handle.firstExecutionRunId));
    if (scene.subscribes) await delivery.result();
    const bookings = client.workflow.getHandle(bookingsIdOf(taskQueue));
    if (scene.books) await bookings.result();
    const legs: Record<string, HistoryJson> = {};
    for (const leg of scene.legs ?? []) {
      const run = client.workflow.getHandle(workflowIdOf(legKeyOf(eventId, leg)));
      legs[legKeyOf(why, leg)] = neutral(historyToJSON(await run.fetchHistory()));
    }
    return {
      ...legs,
      [why]: neutral(historyToJSON(await handle.fetchHistory())),
      ...(scene.books && { [`${why}-bookings`]: neutral(historyToJSON(await bookings.fetchHistory())) }),
      ...(scene.subscribes && { [`${why}-notices`]: neutral(historyToJSON(await delivery.fetchHistory())) }),
    };
  } finally {
    await running.stop();
  }
}

async function recordAll(address: string): Promise<void> {
  const { connection, namespace } = await connect({ address });
  const connected = await nativeConnect({ address, namespace });
  const client = new Client({ connection, namespace, identity: recorder });
  const studio = { client, connected, bundle: await bundleNow() };
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  await mkdir(folder, { recursive: true });
  for (const [why, scene] of Object.entries(scenes)) {
    if (named.length > 0 && !named.includes(why)) continue;
    for (const [name, history] of Object.entries(await record(studio, why, scene))) {
      await writeFile(`${folder}${name}-${version}.json`, `${JSON.stringify(history, null, 1)}\n`);
      process.stdout.write(`${name}-${version}: ${history.events.length} events\n`);
    }
  }
  await connected.connection.close();
  await connection.close();
}

const server = await startEmbeddedServer({
  env: { ...process.env, TEMPORAL_ADDRESS: undefined },
  searchAttributes: Object.values(searchAttributes),
});
try {
  await recordAll(server.address);
} finally {
  await server.stop();
}

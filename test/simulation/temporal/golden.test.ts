import { beforeAll, describe, expect, inject, it } from 'vitest';
import { ShowcallerClient } from '../../../client/client.ts';
import { legKeyOf, webhooksIdOf } from '../../../domain/ids.ts';
import { goldenRunOf, planOf, type Scene, scenes } from '../../../scripts/golden-scenes.ts';
import { legsPort } from '../../../worker/legs.ts';
import { installRuntime } from '../../../worker/telemetry/runtime.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, testTimeScale } from '../../support/shows.ts';
import { refusedByCore } from './core/real-core.ts';
import { identityOf, replay } from './core/replay.ts';
import type { HistoryEvent } from './events.ts';
import { goldenHistories, workflowIdOfRecord } from './golden-histories.ts';
import { toProto } from './history.ts';
import { normalizedLines } from './normalized-history.ts';
import { WorkflowSandbox } from './sdk-internals.ts';
import { quietLatency } from './server/latencies.ts';
import { Simulation } from './simulation.ts';

const golden = goldenHistories();
let sandbox: WorkflowSandbox;
beforeAll(async () => {
  installRuntime({ logLevel: 'ERROR' });
  sandbox = await WorkflowSandbox.open(inject('workflowCode'));
});

describe('a history that a real server recorded', () => {
  it.each(Object.keys(golden))('replays in the simulated Core: %s', async (name) => {
    const history = golden[name] ?? [];
    const commands = await replay(sandbox, identityOf(history, workflowIdOfRecord(name)), history);
    expect(commands.length).toBeGreaterThan(1);
  });

  it('does not replay with a workflow that leaves out a command, or names an activity anew', async () => {
    const code = inject('workflowCode');
    const careless = {
      'leaves out': code.replaceAll(/\(0,[\w.]+\.upsertSearchAttributes\)\(/g, '(() => {})('),
      'names anew': code.replaceAll("activityId: 'publish-vod'", "activityId: 'publish'"),
    };
    const happy = golden['happy-0.1.0'] ?? [];
    for (const [how, changed] of Object.entries(careless)) {
      expect(changed, how).not.toBe(code);
      const other = await WorkflowSandbox.open(changed);
      const replayed = replay(other, identityOf(happy, workflowIdOfRecord('happy')), happy);
      await expect(replayed, how).rejects.toThrow(/the code gave/);
    }
  });
});

/** Plays one scene of the recorded histories in virtual time. */
async function simulated(why: string, scene: Scene, neverCaches = false): Promise<Record<string, HistoryEvent[]>> {
  const simulation = new Simulation({ sandbox, seed: 7, latency: quietLatency, neverCaches });
  const { client, server, taskQueue } = simulation;
  const showcaller = new ShowcallerClient(client, { taskQueue });
  const vendor = new FakeVendor();
  scene.before?.(vendor);
  const url = 'https://nobody.invalid/';
  const subscriber = { name: 'recorder', url, isDefault: true, secrets: [] };
  const eventId = `golden-${why}`;
  const activities = activitiesOn(vendor, {
    timeScale: testTimeScale,
    subscribers: scene.subscribes ? [{ ...subscriber, types: scene.subscribes }] : [],
    legs: legsPort(client),
  });
  return simulation.run(async () => {
    simulation.work({ ...activities, deliver: async () => ({ outcome: 'delivered' }) });
    const handle = await client.workflow.start('liveEvent', {
      workflowId: `live-event/${eventId}`,
      taskQueue,
      args: [planOf(scene, eventId)],
    });
    await scene.perform(goldenRunOf(showcaller, vendor, eventId));
    await handle.result().catch(() => {});
    const runs = { [why]: server.find(handle) };
    if (scene.subscribes) {
      const webhooks = client.workflow.getHandle(webhooksIdOf(eventId, handle.firstExecutionRunId));
      await webhooks.result();
      runs[`${why}-notices`] = server.find(webhooks);
    }
    for (const leg of scene.legs ?? []) {
      const run = client.workflow.getHandle(`live-event/${legKeyOf(eventId, leg)}`);
      runs[legKeyOf(why, leg)] = server.find(run);
    }
    expect(simulation.taskFailures).toEqual([]);
    return Object.fromEntries(Object.entries(runs).map(([name, { history }]) => [name, history]));
  });
}

describe('a scene of the recorded histories, in virtual time', () => {
  const histories: Record<string, HistoryEvent[]> = {};
  beforeAll(async () => {
    for (const [why, scene] of Object.entries(scenes)) Object.assign(histories, await simulated(why, scene));
  });

  it('replays in the real Core', async () => {
    const all = Object.entries(histories).map(([name, history]) => ({
      workflowId: workflowIdOfRecord(name),
      history: toProto(history),
    }));
    expect(all.length).toBeGreaterThan(10);
    expect(await refusedByCore(inject('workflowCode'), all)).toEqual({});
  });

  it('takes the same course on a worker that forgets each run after each task', async () => {
    const { happy } = scenes;
    if (!happy) throw new Error('there is no happy scene');
    const forgetful = await simulated('happy', happy, true);
    expect(normalizedLines(forgetful.happy ?? [])).toEqual(normalizedLines(histories.happy ?? []));
  });

  // The records are older than the workflow, and the order of some events hangs on milliseconds: of those of legs, which
  // speak to their event at every change, nearly everywhere.
  it('is event for event what the real server recorded, in most scenes', () => {
    const isSame = (name: string) => {
      const record = golden[`${name}-0.1.0`];
      return record && normalizedLines(record).join('\n') === normalizedLines(histories[name] ?? []).join('\n');
    };
    const names = Object.keys(histories).filter((name) => scenes[name.split('@')[0] ?? '']?.legs === undefined);
    expect(names.filter(isSame).length).toBeGreaterThanOrEqual(names.length / 2);
  });
});

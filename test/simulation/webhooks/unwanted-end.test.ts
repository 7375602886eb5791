import { beforeAll, describe, expect, inject, it } from 'vitest';
import { ShowcallerClient } from '../../../client/client.ts';
import { webhooksIdOf } from '../../../domain/ids.ts';
import type { WebhookMessage, WebhookType } from '../../../domain/webhooks/webhook.ts';
import { goldenRunOf, planOf, type Scene } from '../../../scripts/golden-scenes.ts';
import { installRuntime } from '../../../worker/telemetry/runtime.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { History } from '../../support/history.ts';
import { activitiesOn, testTimeScale } from '../../support/shows.ts';
import { refusedByCore } from '../temporal/core/real-core.ts';
import type { HistoryEvent } from '../temporal/events.ts';
import { toProto } from '../temporal/history.ts';
import { WorkflowSandbox } from '../temporal/sdk-internals.ts';
import { quietLatency } from '../temporal/server/latencies.ts';
import { Simulation } from '../temporal/simulation.ts';

const patch = 'sends-end-to-delivery';
const workflowId = 'live-event/unwanted-end';

/** The encoder is lost, which is a warning, and comes back. */
const scene: Scene = {
  plan: { duration: '8s', waits: { firstConnect: '6s', encoderLost: '30s' } },
  async perform(run) {
    await run.reaches('waiting-for-encoder');
    run.connect();
    await run.reaches('live');
    run.disconnect();
    await run.reaches('encoder-lost');
    run.connect();
    await run.reaches('live');
  },
};

/** The workflow as it was before the patch, or as it would be without its guard. */
function withPatchAs(value: boolean): string {
  const code = inject('workflowCode');
  const other = code.replaceAll(new RegExp(`\\(0,[\\w.]+\\.patched\\)\\('${patch}'\\)`, 'g'), String(value));
  if (other === code) throw new Error(`the workflow bundle has no patch ${patch}`);
  return other;
}

interface Played {
  /** Of the run, and of the workflow that delivers its webhooks. */
  histories: { workflowId: string; history: ReturnType<typeof toProto> }[];
  run: HistoryEvent[];
  delivered: WebhookMessage[];
}

/** The scene, with one subscriber of these types. */
async function played(types: WebhookType[], code = inject('workflowCode')): Promise<Played> {
  const sandbox = await WorkflowSandbox.open(code);
  const simulation = new Simulation({ sandbox, seed: 7, latency: quietLatency });
  const { client, server, taskQueue } = simulation;
  const showcaller = new ShowcallerClient(client, { taskQueue });
  const vendor = new FakeVendor();
  const eventId = 'unwanted-end';
  const delivered: WebhookMessage[] = [];
  const subscriber = { name: 'ops', url: 'https://ops.invalid/', types, isDefault: true, secrets: [] };
  const activities = activitiesOn(vendor, { timeScale: testTimeScale, subscribers: [subscriber] });
  return simulation.run(async () => {
    const deliver = async ({ notice }: { notice: WebhookMessage }) => {
      delivered.push(notice);
      return { outcome: 'delivered' as const };
    };
    simulation.work({ ...activities, deliver });
    const handle = await client.workflow.start('liveEvent', { workflowId, taskQueue, args: [planOf(scene, eventId)] });
    await scene.perform(goldenRunOf(showcaller, vendor, eventId));
    await handle.result();
    const webhooks = client.workflow.getHandle(webhooksIdOf(eventId, handle.firstExecutionRunId));
    // Where nothing is sent there is none.
    const delivery = await webhooks.result().then(
      () => server.find(webhooks).history,
      () => undefined,
    );
    expect(simulation.taskFailures).toEqual([]);
    const run = server.find(handle).history;
    const histories = [
      { workflowId, history: toProto(run) },
      ...(delivery ? [{ workflowId: webhooks.workflowId, history: toProto(delivery) }] : []),
    ];
    return { histories, run, delivered };
  });
}

const warnings = ({ delivered }: Played): unknown[] => delivered.map(({ data }) => data.warning);
/** Without those of tasks, and in no order: what comes at one instant may come in either. */
const typesOf = ({ run }: Played): string[] =>
  run.flatMap(({ type }) => (type.startsWith('WorkflowTask') ? [] : type)).sort();
const hasMarker = ({ run }: Played): boolean => new History(toProto(run)).texts.some((text) => text.includes(patch));

beforeAll(() => {
  installRuntime({ logLevel: 'ERROR' });
});

describe('a show whose subscriber wants warnings, and not the end', () => {
  it('ends without a warning that it was cut off, and its history replays', async () => {
    const now = await played(['warning']);
    expect(warnings(now)).toContain('encoder-lost');
    expect(warnings(now)).not.toContain('cut-off');
    expect(now.delivered.filter(({ type }) => type !== 'warning')).toEqual([]);
    expect(hasMarker(now)).toBe(true);
    expect(await refusedByCore(inject('workflowCode'), now.histories)).toEqual({});
  });

  it('replays where it ended before, though it was said to be cut off; without the guard it would not', async () => {
    const before = await played(['warning'], withPatchAs(false));
    expect(warnings(before).at(-1)).toBe('cut-off');
    expect(await refusedByCore(inject('workflowCode'), before.histories)).toEqual({});
    const refused = await refusedByCore(withPatchAs(true), before.histories);
    expect(refused).toEqual({ [workflowId]: expect.stringContaining('TMPRL1100') });
  });
});

it.each([[['warning', 'ended']], [['on-air']]] satisfies [WebhookType[]][])(
  'the history of a show with a subscriber of %j has nothing more than before',
  async (types) => {
    const [now, before] = [await played(types), await played(types, withPatchAs(false))];
    expect(hasMarker(now)).toBe(false);
    expect(typesOf(now)).toEqual(typesOf(before));
    expect(now.delivered.map(({ type }) => type)).toEqual(before.delivered.map(({ type }) => type));
  },
);

/**
 * What Temporal is asked for one show, attempts and heartbeats too, and what viewing it costs: in the form of face7fd, in
 * which every run looked by itself, and with a poller, for a vendor that lists its live channels and one that does not.
 * In virtual time, so that shows have their real length: it counts, and measures no time.
 */
import { createActivities } from '../activities/index.ts';
import type { ViewerGet } from '../activities/on-air/viewer.ts';
import { RunClock } from '../activities/run-clock.ts';
import { ShowcallerClient } from '../client/client.ts';
import type { HistoryEvent } from '../test/simulation/temporal/events.ts';
import { WorkflowSandbox } from '../test/simulation/temporal/sdk-internals.ts';
import { quietLatency } from '../test/simulation/temporal/server/latencies.ts';
import { Simulation } from '../test/simulation/temporal/simulation.ts';
import { driverContext } from '../test/support/accounts.ts';
import { FakeVendor } from '../test/support/fake-driver.ts';
import { planned } from '../test/unit/activities/on-air/planned-stream.ts';
import { attemptStart } from '../worker/attempt.ts';
import { bundleNow } from '../worker/bundle-now.ts';
import { pollerPort } from '../worker/poller.ts';
import { pause, printRows, rounded, showOf, until } from './stand.ts';

const minute = 60_000;
const forms = ['retry-as-poll', 'poller, vendor lists', 'poller, vendor does not list'] as const;
const lengths = [10, 100];

const sandbox = await WorkflowSandbox.open((await bundleNow()).code);
const rows: Awaited<ReturnType<typeof operationsOf>>[] = [];
for (const form of forms) for (const minutes of lengths) rows.push(await operationsOf(form, minutes));
const growth = (form: string) => {
  const [short, long] = rows.filter((row) => row.form === form);
  return rounded((long?.['of the run, all'] ?? 0) / (short?.['of the run, all'] ?? 1));
};
printRows(
  'temporal-operations',
  rows,
  Object.fromEntries(forms.map((form) => [`operations of the run, ten times as long: ${form}`, growth(form)])),
);

async function operationsOf(form: (typeof forms)[number], minutes: number) {
  const simulation = new Simulation({ sandbox, seed: 1, latency: quietLatency });
  const { client, taskQueue, server, clock } = simulation;
  const count = new Map<string, number>();
  const add = (what: string) => count.set(what, (count.get(what) ?? 0) + 1);
  const vendor = new FakeVendor();
  vendor.lists = form === 'poller, vendor lists';
  const plan = showOf({ duration: `${minutes}m`, warmUp: '0s', startLead: '0s' });
  const channel = `sc-${plan.eventId}`;
  let connectedAt = Number.POSITIVE_INFINITY;
  const viewing = { requests: 0, bytes: 0, segments: 0 };
  const stream = planned(
    { segmentMs: 2_000, dates: true, sent: [{ from: 0, to: 200 * minute }] },
    () => clock.now - connectedAt,
  );
  const get: ViewerGet = async (url, options) => {
    viewing.requests += 1;
    // A segment of two seconds at 4 Mbit/s.
    if (url.endsWith('.ts')) {
      viewing.segments += 1;
      return { status: 200, body: new Uint8Array() };
    }
    const answer = connectedAt > clock.now ? { status: 404, body: new Uint8Array() } : await stream.get(url, options);
    viewing.bytes += answer.body.length;
    return answer;
  };
  return simulation.run(async () => {
    countCalls(client.workflowService, add);
    countHeartbeats(server.activities, add);
    const activities = createActivities({
      driver: async (_vendor, account) => vendor.driver(account),
      http: driverContext.http,
      clock: new RunClock({ startedAt: attemptStart(client) }),
      accounts: () => ['default'],
      secrets: () => [],
      timeScale: 1,
      proofGraceMs: minute,
      ...(form !== 'retry-as-poll' && { poller: pollerPort(client, taskQueue), viewer: get }),
    });
    const counted = Object.entries(activities).map(([name, activity]) => {
      const attempt = (...args: unknown[]) => {
        add(name === 'followAccount' ? 'attempts of the poller' : 'attempts');
        return (activity as (...args: unknown[]) => unknown)(...args);
      };
      return [name, attempt] as const;
    });
    simulation.work(Object.fromEntries(counted));
    const showcaller = new ShowcallerClient(client, { taskQueue });
    await showcaller.start(plan);
    await until(() => vendor.channels.get(channel)?.open === true);
    await pause(30_000);
    vendor.connect(channel);
    connectedAt = clock.now;
    await showcaller.result(plan.eventId);
    const history = server.find({ workflowId: `live-event/${plan.eventId}` }).history;
    const of = (...names: string[]) => names.reduce((sum, name) => sum + (count.get(name) ?? 0), 0);
    const perMinute = (value: number) => rounded(value / minutes, 1);
    const messages = of('signalWorkflowExecution', 'queryWorkflow', 'resetActivity', 'describeWorkflowExecution');
    return {
      form,
      'show, min': minutes,
      events: history.length,
      attempts: of('attempts'),
      heartbeats: of('heartbeats of watchEncoder', 'heartbeats of others'),
      'signals, queries, resets, describes': messages,
      'of the run, all':
        history.length + of('attempts', 'heartbeats of watchEncoder', 'heartbeats of others') + messages,
      Actions:
        actionsIn(history) +
        of(
          'attempts',
          'heartbeats of watchEncoder',
          'heartbeats of others',
          'signalWorkflowExecution',
          'queryWorkflow',
        ),
      'poller: heartbeats/min': perMinute(of('heartbeats of followAccount')),
      'poller: lists, queries/min': perMinute(of('listWorkflowExecutions')),
      'vendor calls/min': perMinute(vendor.count('observe') + vendor.listings),
      'viewer: requests/min': perMinute(viewing.requests),
      'viewer: playlist KB/min': perMinute(viewing.bytes / 1024),
      'viewer: segments/min': perMinute(viewing.segments),
    };
  });
}

/**
 * Of what a history shows, what Temporal Cloud bills: the start, timers, upserts, but for the one of versions, and children.
 * https://docs.temporal.io/cloud/actions
 */
function actionsIn(history: readonly HistoryEvent[]): number {
  const isBilled = (event: HistoryEvent): boolean =>
    ['WorkflowExecutionStarted', 'TimerStarted', 'ChildWorkflowExecutionStarted'].includes(event.type) ||
    (event.type === 'UpsertWorkflowSearchAttributes' &&
      !Object.keys(event.attributes.searchAttributes?.indexedFields ?? {}).includes('TemporalChangeVersion'));
  return history.filter(isBilled).length;
}

function countCalls(service: object, add: (what: string) => void): void {
  const calls = service as Record<string, (...args: unknown[]) => unknown>;
  for (const [name, call] of Object.entries(calls)) {
    calls[name] = (...args) => {
      add(name);
      return call(...args);
    };
  }
}

function countHeartbeats(activities: Simulation['server']['activities'], add: (what: string) => void): void {
  const heartbeat = activities.heartbeat.bind(activities);
  activities.heartbeat = (task, details) => {
    const named = ['followAccount', 'watchEncoder'].includes(task.activityType) ? task.activityType : 'others';
    add(`heartbeats of ${named}`);
    return heartbeat(task, details);
  };
}

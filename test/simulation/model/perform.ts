import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { NoSuchEventError, RefusedError } from '../../../client/errors.ts';
import type { Phase } from '../../../domain/phases.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { attributeNames } from '../../../domain/search-attributes.ts';
import type { FakeVendor } from '../../support/fake-driver.ts';
import { planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import type { TestEnvironment } from '../environment-types.ts';
import type { Action, Reality, Show } from './reference.ts';
import type { Scenario } from './scenario.ts';

/** What the vendor remembers of a channel after it is gone. */
export interface Remembered {
  made: number;
  sessions: { startedAt: number; endedAt?: number }[];
}

/** Everything that can be compared with the reference. */
export interface Performance {
  show: Show;
  /** Without the granularity, which is known only when all is over. */
  reality: Omit<Reality, 'granularityMs'>;
  accepted: boolean[];
  /** The messages of the refused ones. */
  refusals: string[];
  report: EventStatus;
  /** Every phase in its turn, out of the history. */
  phases: Phase[];
  remembered?: Remembered;
}

/** Keeps what the fake vendor forgets when a channel is cleaned up. */
export function remember(vendor: FakeVendor): Map<string, Remembered> {
  const kept = new Map<string, Remembered>();
  const { channels } = vendor;
  const set = channels.set.bind(channels);
  channels.set = (name, channel) => {
    const made = (kept.get(name)?.made ?? 0) + 1;
    kept.set(name, { made, sessions: channel.sessions });
    return set(name, channel);
  };
  return kept;
}

const seconds = (ms: number): string => `${ms}ms`;
const by = { by: 'operator', reason: 'the scenario says so' };

/** Plays one scenario on the real workflow. `memory` is what `remember` gave. */
export async function perform(
  env: TestEnvironment,
  vendor: FakeVendor,
  memory: ReadonlyMap<string, Remembered>,
  scenario: Scenario,
): Promise<Performance> {
  const startsAt = Date.now() - scenario.beginsAt;
  const show = showOf(scenario, startsAt);
  const plan = planOf(scenario, show);
  const name = `sc-${plan.eventId}`;
  const beganAt = Date.now();
  await env.showcaller.start(plan);
  const over = new AbortController();
  const encoder = playEncoder(vendor, name, scenario, startsAt, over.signal);
  const operators = scenario.actions.map(({ at, action }) =>
    operate(env, plan.eventId, absolute(action, startsAt), startsAt + at),
  );
  const handle = env.client.workflow.getHandle(`live-event/${plan.eventId}`);
  await handle.result().catch(unlessItEnded);
  over.abort();
  await encoder;
  const outcomes = await Promise.all(operators);
  const report = await handle.query<EventStatus>('status');
  const remembered = memory.get(name);
  return {
    show,
    reality: {
      beganAt,
      preparedAt: firstOf(Object.values(report.entered)),
      sending: (remembered?.sessions ?? []).map(({ startedAt, endedAt }) => ({
        from: startedAt,
        to: endedAt ?? Date.now(),
      })),
      actions: outcomes.map(({ action, from, to }) => ({ action, from, to })),
    },
    accepted: outcomes.map(({ refusal }) => refusal === undefined),
    refusals: outcomes.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal])),
    report,
    phases: await phasesOf(env, plan.eventId),
    remembered,
  };
}

const firstOf = (instants: readonly number[]): number | undefined =>
  instants.length === 0 ? undefined : Math.min(...instants);

function showOf(scenario: Scenario, startsAt: number): Show {
  const { durationMs, overrun, warmUpMs, startLeadMs, firstConnectMs, encoderLostMs, maxDurationMs } = scenario;
  const endsAt = startsAt + durationMs;
  return {
    startsAt,
    endsAt,
    warmUpMs,
    startLeadMs,
    firstConnectMs,
    encoderLostMs,
    maxDurationMs,
    ...(overrun && { overrun: { stepMs: overrun.stepMs, until: endsAt + overrun.untilMs } }),
  };
}

const planOf = (scenario: Scenario, show: Show) =>
  planFor({
    vendor: scenario.vendor,
    startsAt: new Date(show.startsAt).toISOString(),
    duration: seconds(scenario.durationMs),
    warmUp: seconds(scenario.warmUpMs),
    startLead: seconds(scenario.startLeadMs),
    waits: {
      firstConnect: seconds(scenario.firstConnectMs),
      encoderLost: seconds(scenario.encoderLostMs),
      maxDuration: seconds(scenario.maxDurationMs),
    },
    ...(scenario.overrun && {
      overrun: {
        while: 'encoder-connected' as const,
        step: seconds(scenario.overrun.stepMs),
        until: seconds(scenario.overrun.untilMs),
      },
    }),
    vod: { publish: scenario.publish },
  });

function absolute(action: Action, startsAt: number): Action {
  switch (action.do) {
    case 'extend':
      return { ...action, endsAt: startsAt + action.endsAt };
    case 'reschedule':
      return { ...action, startsAt: startsAt + action.startsAt, endsAt: startsAt + action.endsAt };
    default:
      return action;
  }
}

/** How often a real encoder would knock, were it in a hurry. */
const knockEveryMs = 20;

async function playEncoder(
  vendor: FakeVendor,
  name: string,
  { wants }: Scenario,
  startsAt: number,
  over: AbortSignal,
): Promise<void> {
  while (!over.aborted) {
    const at = Date.now() - startsAt;
    const channel = vendor.channels.get(name);
    const sends = channel?.encoder === 'connected';
    const wantsTo = wants.some(({ from, to }) => from <= at && at < to);
    if (wantsTo && !sends && channel?.open) vendor.connect(name);
    if (!wantsTo && sends) vendor.disconnect(name);
    await pause(knockEveryMs);
  }
}

interface Outcome {
  action: Action;
  from: number;
  to: number;
  refusal?: string;
}

async function operate(env: TestEnvironment, eventId: string, action: Action, at: number): Promise<Outcome> {
  await pause(Math.max(0, at - Date.now()));
  const from = Date.now();
  try {
    await send(env, eventId, action);
    return { action, from, to: Date.now() };
  } catch (error) {
    if (!(error instanceof RefusedError) && !(error instanceof NoSuchEventError)) throw error;
    return { action, from, to: Date.now(), refusal: error.message };
  }
}

async function send({ showcaller }: TestEnvironment, eventId: string, action: Action): Promise<unknown> {
  const iso = (instant: number) => new Date(instant).toISOString();
  switch (action.do) {
    case 'stopNow':
      return showcaller.stopNow(eventId, { ...by, keepRecording: action.keepRecording });
    case 'extend':
      return showcaller.extend(eventId, { ...by, endsAt: iso(action.endsAt) });
    case 'reschedule':
      return showcaller.reschedule(eventId, { ...by, startsAt: iso(action.startsAt), endsAt: iso(action.endsAt) });
    case 'skipWait':
      return showcaller.skipWait(eventId, by);
    case 'resetEncoder':
      return showcaller.resetEncoder(eventId, by);
    case 'cancel':
      return showcaller.cancel(eventId);
  }
}

function unlessItEnded(error: unknown): void {
  if (!(error instanceof WorkflowFailedError)) throw error;
}

async function phasesOf(env: TestEnvironment, eventId: string): Promise<Phase[]> {
  const { events } = await env.client.workflow.getHandle(`live-event/${eventId}`).fetchHistory();
  return (events ?? []).flatMap((event) => {
    const fields = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields;
    const payload = fields?.[attributeNames.phase];
    return payload ? [defaultPayloadConverter.fromPayload<Phase>(payload)] : [];
  });
}

const askEveryMs = 50;

/** An event of its own, to see how late a run learns of anything while scenarios are played beside it. */
export class Canary {
  readonly #env: TestEnvironment;
  readonly #vendor: FakeVendor;
  readonly #eventId: string;
  readonly #asked: { at: number; tookMs: number }[] = [];
  readonly #stop = new AbortController();
  readonly #asking: Promise<void>;

  private constructor(env: TestEnvironment, vendor: FakeVendor, eventId: string) {
    this.#env = env;
    this.#vendor = vendor;
    this.#eventId = eventId;
    this.#asking = this.#ask();
  }

  static async sing(env: TestEnvironment, vendor: FakeVendor): Promise<Canary> {
    const plan = planFor({ duration: '2h', waits: { firstConnect: '1h', encoderLost: '1h' } });
    await env.showcaller.start(plan);
    const name = `sc-${plan.eventId}`;
    await until(() => vendor.channels.get(name)?.open);
    vendor.connect(name);
    await until(async () => (await env.showcaller.status(plan.eventId)).phase === 'live');
    return new Canary(env, vendor, plan.eventId);
  }

  /**
   * How late, at worst, a run learned of something in this span: the longest pause between two looks, the confirming
   * look included, and the slowest way through a workflow task, there and back.
   */
  granularityMs(from: number, to: number): number {
    const name = `sc-${this.#eventId}`;
    const looks = this.#vendor.calls.filter((call) => call.method === 'observe' && call.name === name);
    const pauses = looks.slice(1).map(({ at }, i) => ({ at, tookMs: at - (looks[i]?.at ?? at) }));
    return worst(pauses, from, to) + 2 * worst(this.#asked, from, to);
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#asking;
    await this.#env.showcaller.stopNow(this.#eventId, { ...by, keepRecording: false });
    await this.#env.showcaller.result(this.#eventId);
  }

  async #ask(): Promise<void> {
    const handle = this.#env.client.workflow.getHandle(`live-event/${this.#eventId}`);
    while (!this.#stop.signal.aborted) {
      const askedAt = Date.now();
      await handle.query('status');
      this.#asked.push({ at: Date.now(), tookMs: Date.now() - askedAt });
      await pause(askEveryMs);
    }
  }
}

const worst = (measured: readonly { at: number; tookMs: number }[], from: number, to: number): number =>
  Math.max(0, ...measured.filter(({ at, tookMs }) => at > from && at - tookMs < to).map(({ tookMs }) => tookMs));

import { WorkflowFailedError } from '@temporalio/client';
import { createActivities } from '../../../activities/index.ts';
import type { Phase } from '../../../domain/phases.ts';
import type { Plan } from '../../../domain/plan.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { notYet, type VendorDriver } from '../../../vendors/driver.ts';
import { driverContext } from '../../support/accounts.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { planFor, testTimeScale } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment, TestWorker } from '../environment-types.ts';

/** What a test can hold back: loading the driver, or one method for one event. */
export type Held = 'driver' | 'allocate' | 'start' | 'createOutput' | 'stop' | 'publishVod' | 'cleanUp';

/** Loading the driver of this account can be held, so that a plan stays in preparation. */
export const slowAccount = 'slow';

/** A worker and a vendor whose answers a test can hold back, event by event. */
export class ModelHarness {
  readonly vendor = new FakeVendor();
  readonly env: TestEnvironment;
  readonly #triedAtOnce = new Set<string>();
  readonly #gates = new Map<string, { opened: Promise<void>; open(): void }>();

  private constructor(env: TestEnvironment) {
    this.env = env;
  }

  static async open(): Promise<ModelHarness> {
    return new ModelHarness(await testEnvironment());
  }

  work(): Promise<TestWorker> {
    return this.env.work(
      createActivities({
        http: driverContext.http,
        driver: async (_vendor, account) => {
          if (account === slowAccount) await this.#gates.get(keyOf('driver', account))?.opened;
          return this.#driver(account);
        },
        accounts: () => ['default', slowAccount],
        secrets: () => [],
        timeScale: testTimeScale,
        proofGraceMs: 5000,
      }),
    );
  }

  /** Holds a method for an event back until the answer is called. */
  hold(what: Held, name: string): () => void {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#gates.set(keyOf(what, name), { opened, open });
    return open;
  }

  /** Starts an event and gives what a test needs of it. `holds` is asked before it starts. */
  async show(overrides: Partial<Plan> = {}, holds: readonly Held[] = []) {
    const plan = planFor(overrides);
    const { eventId } = plan;
    const name = `sc-${eventId}`;
    const opens = holds.map((held) => this.hold(held, held === 'driver' ? slowAccount : name));
    await this.env.showcaller.start(plan);
    const handle = this.env.client.workflow.getHandle(`live-event/${eventId}`);
    return {
      eventId,
      name,
      handle,
      go: () => {
        for (const open of opens) open();
      },
      connect: () => this.vendor.connect(name),
      disconnect: () => this.vendor.disconnect(name),
      called: (method: Parameters<FakeVendor['count']>[0]) => until(() => this.vendor.count(method, name) > 0),
      status: () => this.env.showcaller.status(eventId),
      /** Answers queries; its plan may still be being checked. */
      lives: () => until(() => this.env.showcaller.status(eventId).catch(() => undefined)),
      reaches: (phase: Phase) =>
        until(async () => {
          const status = await this.env.showcaller.status(eventId).catch(() => undefined);
          return status?.phase === phase && status.entered[phase] !== undefined;
        }),
      /** As a client sends it that knows nothing of our types. */
      ask: (update: string, ...args: unknown[]) =>
        handle.executeUpdate(update, { args: args as [unknown, ...unknown[]] }),
      /** The report, however the run ended. */
      result: async () => {
        await handle.result().catch(unlessItEnded);
        return handle.query<EventStatus>('status');
      },
      /** Workflow tasks that failed, which Temporal would try again for ever. */
      stumbles: async () =>
        ((await handle.fetchHistory()).events ?? []).filter((event) => event.workflowTaskFailedEventAttributes),
    };
  }

  close(): Promise<void> {
    for (const { open } of this.#gates.values()) open();
    return this.env.close();
  }

  #driver(account: string): VendorDriver {
    const driver = this.vendor.driver(account);
    const held = (what: Held, name: string) => this.#gates.get(keyOf(what, name))?.opened;
    return {
      ...driver,
      allocate: async (event) => {
        await held('allocate', driver.refOf(event).name);
        return driver.allocate(event);
      },
      start: async (channel) => {
        await held('start', channel.ref.name);
        return driver.start(channel);
      },
      createOutput: async (channel) => {
        const opened = held('createOutput', channel.ref.name);
        // Not at once: the step of its own is the one that is held.
        if (opened && !this.#triedAtOnce.has(channel.ref.name)) {
          this.#triedAtOnce.add(channel.ref.name);
          return notYet('the output', 1_000);
        }
        await opened;
        return driver.createOutput(channel);
      },
      stop: async (channel, output) => {
        await held('stop', channel.ref.name);
        return driver.stop(channel, output);
      },
      publishVod: async (channel, output, windows) => {
        await held('publishVod', channel.ref.name);
        return driver.publishVod(channel, output, windows);
      },
      cleanUp: async (ref) => {
        await held('cleanUp', ref.name);
        return driver.cleanUp(ref);
      },
    };
  }
}

function unlessItEnded(error: unknown): void {
  if (!(error instanceof WorkflowFailedError)) throw error;
}

const keyOf = (what: Held, name: string): string => `${what} ${name}`;

export type HeldShow = Awaited<ReturnType<ModelHarness['show']>>;

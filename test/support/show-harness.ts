import { WorkflowNotFoundError } from '@temporalio/client';
import type { LiveWindow } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import type { Phase } from '../../domain/phases.ts';
import type { Plan } from '../../domain/plan.ts';
import type { EventStatus } from '../../domain/report.ts';
import { type Encoder, startEncoder } from '../../simulators/kit/encoder.ts';
import type { LogEntry, SimResource } from '../../simulators/kit/types.ts';
import { type RunningSimulators, startSimulators } from '../../simulators/start.ts';
import type { Accounts } from '../../vendors/accounts.ts';
import { type Drivers, driversOf } from '../../vendors/drivers.ts';
import { ingestEndpoints } from '../../vendors/ingest.ts';
import { vendors } from '../../vendors/registry.ts';
import { accountsFrom, driverContext } from './accounts.ts';
import { type TestEnvironment, type TestServer, testEnvironment } from './environment.ts';
import { History } from './history.ts';
import { processOutputs } from './process-output.ts';
import { keysOf, secretsIn } from './secrets.ts';
import { planFor } from './shows.ts';
import { until } from './until.ts';

// Node 20 is supported on purpose; the SDK's advice would stand in the middle of the results.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

export const vendorNames: readonly string[] = vendors.map(({ name }) => name);

export interface ShowHarnessOptions {
  /** Default: all. */
  vendors?: readonly string[];
  slowness?: number;
  /** Settings over those of the simulators, by variable. */
  settings?: (env: Readonly<Record<string, string>>) => Record<string, string>;
  /** A Temporal of its own, to be treated badly. Default: the shared one. */
  server?: TestServer | 'own';
}

/** Everything real but the vendors, who are simulated on the wire: server, drivers, SDKs, encoders. */
export class ShowHarness {
  readonly env: TestEnvironment;
  readonly simulators: RunningSimulators;
  /** What a worker process needs in its environment. */
  readonly settings: Record<string, string>;
  readonly accounts: Accounts;
  /** Of this process, for what no worker does. */
  readonly drivers: Drivers;
  /** Keys of push URLs that were asked for: to be found nowhere. */
  readonly keys = new Set<string>();
  readonly #encoders: Encoder[] = [];
  readonly #shows: Show[] = [];
  readonly #bystanders: ReadonlySet<string>;

  private constructor(env: TestEnvironment, simulators: RunningSimulators, settings: Record<string, string>) {
    this.env = env;
    this.simulators = simulators;
    this.settings = settings;
    this.accounts = accountsFrom(settings);
    this.drivers = driversOf(this.accounts, driverContext);
    this.#bystanders = new Set(simulators.running.flatMap((one) => one.resources().map(idOf)));
  }

  static async open({
    vendors,
    slowness = 0.1,
    settings = () => ({}),
    server,
  }: ShowHarnessOptions = {}): Promise<ShowHarness> {
    const [env, simulators] = await Promise.all([testEnvironment({ server }), startSimulators({ vendors, slowness })]);
    return new ShowHarness(env, simulators, { ...simulators.env, ...settings(simulators.env) });
  }

  /** A worker inside this process; its waits take this share of their usual time. */
  async work(timeScale = 0.1, { poller = false } = {}): Promise<void> {
    await this.env.run({ accounts: this.accounts, timeScale, proofGraceMs: 60_000 }, { poller });
  }

  /** Starts an event whose encoder may come at once. */
  async show(vendor: string, overrides: Partial<Plan> = {}): Promise<Show> {
    const show = this.showOf(vendor, overrides);
    await this.env.showcaller.start(show.plan);
    return show;
  }

  /** The same, for a test that starts it by itself. */
  showOf(vendor: string, overrides: Partial<Plan> = {}): Show {
    const waits = { firstConnect: '60s', encoderLost: '60s', ...overrides.waits };
    const plan = planFor({ vendor, duration: '5m', warmUp: '0s', startLead: '0s', ...overrides, waits });
    const show = new Show(this, vendor, plan);
    this.#shows.push(show);
    return show;
  }

  async encoder(url: string): Promise<Encoder> {
    const encoder = await startEncoder({ url });
    this.#encoders.push(encoder);
    return encoder;
  }

  /** Calls of one vendor, without players' reads and pushes. */
  calls(vendor: string): LogEntry[] {
    return this.simulators.kit.log.entries({ vendor }).filter(({ operation }) => !operation.includes(':'));
  }

  made(vendor: string): Record<string, number> {
    return this.#simulator(vendor).made();
  }

  /** How many channels were ever made, in the vendor's own kind of them. */
  channelsMade(vendor: string): number {
    const kinds = Object.entries(this.made(vendor)).filter(([kind]) => channelKinds.has(kind));
    if (kinds.length !== 1) throw new Error(`${vendor} has no kind of channel that is known here`);
    return kinds.reduce((sum, [, count]) => sum + count, 0);
  }

  /** What events left at the vendor: not what was there before, nor what is meant to stay. */
  left(vendor: string): SimResource[] {
    return this.#simulator(vendor)
      .resources()
      .filter((resource) => !this.#bystanders.has(idOf(resource)) && !isKept(resource));
  }

  /** The same of one event, while others are on. */
  leftOf({ vendor, eventId }: Show): SimResource[] {
    return this.left(vendor).filter(({ name }) => name.includes(eventId));
  }

  #simulator(vendor: string) {
    const found = this.simulators.running.find((one) => one.vendor === vendor);
    if (!found) throw new Error(`${vendor} is not in this harness`);
    return found;
  }

  /** Every secret. */
  get secrets(): Set<string> {
    const { SHOWCALLER_CODEC_KEYS: codecKeys = '' } = this.settings;
    const bytes = codecKeys.split(',').flatMap((line) => line.split(':')[1] ?? []);
    return new Set([...this.accounts.secrets(), ...this.keys, ...bytes]);
  }

  /**
   * Takes the harness down. However the shows ended, their histories and what the processes said are searched first.
   *
   * @throws Error that says where a secret leaked.
   */
  async close(): Promise<void> {
    await Promise.all(this.#encoders.map((encoder) => encoder.drop()));
    const leaks = await this.#leaks();
    await this.env.close();
    await this.simulators.close();
    if (leaks.length > 0) throw new Error(`secrets leaked:\n${leaks.join('\n')}`);
  }

  async #leaks(): Promise<string[]> {
    const { secrets } = this;
    const histories = this.#shows.map(async (show) => {
      const texts = await show.history().then(
        (history) => history.texts,
        (error: unknown) => (error instanceof WorkflowNotFoundError ? [] : Promise.reject(error)),
      );
      return secretsIn(texts, secrets).map((secret) => `${secret} by the history of ${show.vendor} ${show.eventId}`);
    });
    const said = processOutputs().flatMap(({ command, text }) =>
      secretsIn([text()], secrets).map((secret) => `${secret} by \`${command.slice(0, 20)}\``),
    );
    return [...(await Promise.all(histories)).flat(), ...said];
  }
}

const channelKinds: ReadonlySet<string> = new Set(['live-channel', 'liveEvent', 'channel', 'stream']);
const recordingKinds: ReadonlySet<string> = new Set(['asset', 'streamingLocator', 'recording-configuration']);

/** The recording and what it needs stay, and so does the ban on a stream; none of them costs. */
const isKept = ({ kind, billed, state }: SimResource): boolean =>
  !billed && (recordingKinds.has(kind) || state === 'forbidden');

const idOf = ({ vendor, kind, name }: SimResource): string => `${vendor} ${kind} ${name}`;

/** One event and its encoder. */
export class Show {
  readonly vendor: string;
  readonly plan: Plan & { eventId: string };
  readonly #harness: ShowHarness;

  constructor(harness: ShowHarness, vendor: string, plan: Plan & { eventId: string }) {
    this.#harness = harness;
    this.vendor = vendor;
    this.plan = plan;
  }

  get eventId(): string {
    return this.plan.eventId;
  }

  reaches(...phases: Phase[]): Promise<EventStatus> {
    return until(async () => {
      const status = await this.#harness.env.showcaller.status(this.eventId).catch(() => undefined);
      return status && phases.includes(status.phase) && status;
    });
  }

  /** Pushes for as long as it is let; call it once the channel is open. */
  async connect(): Promise<Encoder> {
    return this.#harness.encoder(await this.ingestUrl());
  }

  async ingestUrl(): Promise<string> {
    const { channel } = await this.#harness.env.showcaller.status(this.eventId);
    if (!channel) throw new Error(`${this.eventId} has no channel yet`);
    // A fault that is meant for the run, or a machine under load, may hit this call: it is asked again, as a person would.
    const endpoints = await until(() =>
      ingestEndpoints(this.#harness.drivers, channel).catch((error: unknown) => {
        if (error instanceof VendorError && error.kind === 'unavailable') return undefined;
        throw error;
      }),
    );
    for (const endpoint of endpoints) for (const key of keysOf(endpoint, channel)) this.#harness.keys.add(key);
    const [endpoint] = endpoints;
    if (!endpoint) throw new Error(`${this.vendor} gives no ingest endpoint`);
    return endpoint.url;
  }

  /** The encoder comes, and sends for at least this long. */
  async airs(ms: number): Promise<Encoder> {
    await this.reaches('waiting-for-encoder');
    const encoder = await this.connect();
    const { entered } = await this.reaches('live');
    const sinceLive = () => Date.now() - (entered.live ?? Number.POSITIVE_INFINITY);
    await until(() => sinceLive() >= ms);
    return encoder;
  }

  async stopNow(): Promise<void> {
    await this.#harness.env.showcaller.stopNow(this.eventId, { by: 'tester', reason: 'enough was sent' });
  }

  result(): Promise<EventStatus> {
    return this.#harness.env.showcaller.result(this.eventId);
  }

  async history(): Promise<History> {
    const handle = this.#harness.env.client.workflow.getHandle(`live-event/${this.eventId}`);
    return new History(await handle.fetchHistory());
  }
}

/** What must hold of every recording, whatever happened to the run. */
export function isProved({ vod }: EventStatus): boolean {
  return vod.length > 0 && vod.every(({ proof }) => proof.proved);
}

export const lengthMs = (windows: readonly LiveWindow[]): number =>
  windows.reduce((sum, { from, to }) => sum + (to - from), 0);

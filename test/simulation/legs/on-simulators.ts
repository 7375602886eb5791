import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { VendorError } from '../../../domain/errors.ts';
import { acceptsEncoder } from '../../../domain/phases.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { totalMs } from '../../../domain/spans.ts';
import { startEncoder } from '../../../simulators/kit/encoder.ts';
import type { FaultKind } from '../../../simulators/kit/types.ts';
import type { VendorDriver } from '../../../vendors/driver.ts';
import { driversOf } from '../../../vendors/drivers.ts';
import { ingestEndpoints } from '../../../vendors/ingest.ts';
import { driverContext } from '../../support/accounts.ts';
import { ScenarioAccounts } from '../faults/accounts.ts';
import { type FaultsHarness, openHarness } from '../faults/faults-harness.ts';
import { type Evidence, type LegsScenario, resets } from './legs-harness.ts';

const second = 1000;
const hour = 3_600 * second;
const forEver = 1_000_000;
const usualLeads = { warmUp: 9, startLead: 4 };
const lookEveryMs = 500;
/** When an operator drops the encoder of the first leg, which a vendor may refuse too. */
const resetAfterMs = 14 * second;
/** After the show. An outage does not last: what a dead vendor has made can only be released when it is back. */
const backAfterMs = 20 * second;
/** What reads a recording, in the vendors' own names. */
const recordingReads = ['media:Playlist', 'media:Fragment', 'media:vod', 'media:GetObject', 'GetObject'];

export interface SimulatorScenario extends LegsScenario {
  /** The death, in words. */
  what: string;
  showMs?: number;
  picturesMs?: number;
  slowness?: number;
  /** Seconds before the show. */
  leads?: { warmUp: number; startLead: number };
}

export interface SimulatorEvidence extends Evidence {
  /** How long the vendors would have billed each leg, but for a streaming endpoint, which the account's events share. */
  billedMs: { main: number; backup: number };
}

/** Shows of two legs on the real drivers, and on simulators of their own. */
export class LegsOnSimulators {
  readonly #accounts: ScenarioAccounts;

  private constructor(accounts: ScenarioAccounts) {
    this.#accounts = accounts;
  }

  static async open(): Promise<LegsOnSimulators> {
    return new LegsOnSimulators(await ScenarioAccounts.open());
  }

  close(): Promise<void> {
    return this.#accounts.close();
  }

  async play(scenario: SimulatorScenario): Promise<SimulatorEvidence> {
    const id = randomUUID().slice(0, 8);
    const a = await openHarness({ vendor: scenario.a, accountName: `a-${id}`, slowness: scenario.slowness });
    const b = await openHarness({ vendor: scenario.b, accountName: `b-${id}`, slowness: scenario.slowness });
    const dead = deadlyFor(scenario);
    this.#accounts.hire(scenario.a, a.account, dead.driver);
    this.#accounts.hire(scenario.b, b.account);
    try {
      for (const { operation, kind } of dead.faults)
        a.kit.faults.add(scenario.a, { operation, kind, times: forEver, answer: { status: 404 } });
      return await this.#run(scenario, { eventId: `s-${id}`, a, b, revive: dead.revive });
    } finally {
      for (const { account } of [a, b]) this.#accounts.letGo(account);
      await Promise.all([a.close(), b.close()]);
    }
  }

  async #run(
    { a: vendorA, b: vendorB, death, start, ...times }: SimulatorScenario,
    { eventId, a, b, revive }: { eventId: string; a: FaultsHarness; b: FaultsHarness; revive: () => void },
  ): Promise<SimulatorEvidence> {
    const { showcaller } = this.#accounts.env({ poller: false });
    const { showMs = 25 * second, picturesMs = 6 * second, leads = usualLeads } = times;
    await showcaller.start({
      eventId,
      startsAfter: `${leads.warmUp + 1}s`,
      duration: `${showMs}ms`,
      warmUp: `${leads.warmUp}s`,
      startLead: `${leads.startLead}s`,
      waits: { firstConnect: '20s', encoderLost: '20s' },
      vod: { deadline: '60s' },
      failover: { dark: '3s' },
      legs: [
        { name: 'main', vendor: vendorA, account: a.account.name },
        { name: 'backup', vendor: vendorB, account: b.account.name, start },
      ],
    });
    const over = new AbortController();
    const later = (ms: number, act: () => unknown) =>
      void pause(ms, undefined, { signal: over.signal }).then(act, () => undefined);
    later(showMs + backAfterMs, () => {
      a.kit.faults.clear();
      revive();
    });
    const by = { by: 'the scenario', reason: 'it says so', leg: 'main' };
    if (resets(death)) later(resetAfterMs, () => showcaller.resetEncoder(eventId, by).catch(() => undefined));
    const encoders = Promise.all([
      this.#encoder(eventId, 'main', over.signal, death?.kind === 'loses-picture' ? picturesMs : undefined),
      this.#encoder(eventId, 'backup', over.signal),
    ]);
    const report = await showcaller.result(eventId);
    over.abort();
    const [, connectedAtB] = await encoders;
    const goesOn = [a, b].flatMap((one) => one.billed().filter((span) => span.to === undefined && isOfEvent(span)));
    const left = [...a.left(), ...b.left(), ...goesOn].map(({ kind, name }) => `${kind} ${name}`);
    const billedMs = { main: billedOf(a), backup: billedOf(b) };
    return { report, left, billedMs, ...(connectedAtB !== undefined && { connectedAtB }) };
  }

  /** Sends whenever the leg takes it; on a leg that loses its picture the connection ends and does not come back. */
  async #encoder(eventId: string, leg: string, over: AbortSignal, dropsAfterMs?: number): Promise<number | undefined> {
    let connectedAt: number | undefined;
    while (!over.aborted) {
      const encoder = await this.#knock(eventId, leg);
      if (encoder) {
        connectedAt ??= Date.now();
        const ends = new AbortController();
        const end = () => ends.abort();
        over.addEventListener('abort', end, { once: true });
        void encoder.done.then(end);
        await pause(dropsAfterMs ?? hour, undefined, { signal: ends.signal }).catch(() => undefined);
        over.removeEventListener('abort', end);
        await encoder.drop();
        if (dropsAfterMs !== undefined) return connectedAt;
      }
      await pause(lookEveryMs, undefined, { signal: over }).catch(() => undefined);
    }
    return connectedAt;
  }

  async #knock(eventId: string, name: string) {
    const { showcaller } = this.#accounts.env({ poller: false });
    const now: EventStatus | undefined = await showcaller.status(eventId).catch(() => undefined);
    const status = now?.legs?.find((leg) => leg.name === name)?.status;
    if (!status?.channel || !acceptsEncoder(status.phase)) return undefined;
    const drivers = driversOf(this.#accounts.accounts, driverContext);
    const [endpoint] = await ingestEndpoints(drivers, status.channel).catch(() => []);
    return endpoint && startEncoder({ url: endpoint.url }).catch(() => undefined);
  }
}

/** The streaming endpoint of an account is shared by its events, and goes on. */
const isOfEvent = ({ kind }: { kind: string }): boolean => kind !== 'streamingEndpoint';

const billedOf = (harness: FaultsHarness): number =>
  totalMs(
    harness
      .billed()
      .filter(isOfEvent)
      .map(({ from, to = Date.now() }) => ({ from, to })),
  );

interface Deadly {
  faults: { operation: string; kind: FaultKind }[];
  driver?: (driver: VendorDriver) => VendorDriver;
  revive(): void;
}

/** On the wire where the whole vendor, or its recording, is dead; in the driver where it is one of the steps. */
function deadlyFor({ what, death, a }: SimulatorScenario): Deadly {
  const onWire = (faults: Deadly['faults']): Deadly => ({ faults, revive: () => undefined });
  const everywhere: Readonly<Record<string, FaultKind>> = { 'answers nothing': 'hang', 'answers 5xx': 'unavailable' };
  const all = everywhere[what];
  if (!death) return onWire([]);
  if (all) return onWire([{ operation: '*', kind: all }]);
  if (death.kind === 'loses-picture') return onWire([]);
  if (death.kind === 'loses-recording')
    return onWire(recordingReads.map((operation) => ({ operation, kind: 'answer' })));
  const methods: readonly string[] = death.kind === 'refuses' ? [death.method] : death.methods;
  const kind = death.kind === 'refuses' ? death.with : 'unavailable';
  let isDead = true;
  const refused = (method: string) => () => {
    throw new VendorError({ kind, vendor: a, operation: method, message: 'as the scenario says' });
  };
  const driver = (real: VendorDriver): VendorDriver =>
    isDead ? { ...real, ...Object.fromEntries(methods.map((method) => [method, refused(method)])) } : real;
  return {
    faults: [],
    driver,
    revive: () => {
      isDead = false;
    },
  };
}

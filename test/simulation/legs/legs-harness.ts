import { randomUUID } from 'node:crypto';
import { createActivities } from '../../../activities/index.ts';
import type { VendorErrorKind } from '../../../domain/errors.ts';
import type { LegStart, Plan, Require } from '../../../domain/plan.ts';
import type { EventStatus, LegStatus } from '../../../domain/report.ts';
import { legsPort } from '../../../worker/legs.ts';
import { driverContext } from '../../support/accounts.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

type Method = Parameters<FakeVendor['fail']>[0];

/** What is wrong with vendor A. A method fails for good, or the vendor does not answer at all. */
export type Death =
  | { kind: 'answers'; with: 'unavailable' | 'not-yet'; methods: readonly Method[] }
  | { kind: 'refuses'; method: Method; with: VendorErrorKind }
  | { kind: 'loses-picture' }
  | { kind: 'loses-recording' };

export interface LegsScenario {
  a: string;
  b: string;
  death?: Death;
  start: LegStart;
  require?: Require;
  stopAfterMs?: number;
  cancelAfterMs?: number;
}

/** All that a run asks of a vendor for its event. */
export const steps: readonly Method[] = [
  'preflight',
  'allocate',
  'start',
  'createOutput',
  'observe',
  'reset',
  'stop',
  'publishVod',
  'cleanUp',
];
/** When an operator drops the encoder of the first leg, which a vendor may refuse too. */
const resetAfterMs = 120_000;
/** An outage does not last: what a dead vendor has made can only be released when it is back. */
const backAfterMs = 280_000;
const showMs = 240_000;
const forEver = 1_000_000;

export interface Evidence {
  report: EventStatus;
  /** What is left at each vendor. */
  left: string[];
  /** When the first picture of B was on its way. */
  connectedAtB?: number;
}

/** Plays shows of two legs on vendors in memory, each show with vendors of its own. */
export class LegsShows {
  readonly #env: TestEnvironment;
  readonly #vendors = new Map<string, FakeVendor>();

  private constructor(env: TestEnvironment) {
    this.#env = env;
  }

  static async open(): Promise<LegsShows> {
    const env = await testEnvironment();
    const shows = new LegsShows(env);
    await env.work(
      createActivities({
        http: driverContext.http,
        driver: async (_vendor, account) => shows.#vendor(account).driver(account),
        accounts: () => [...shows.#vendors.keys()],
        secrets: () => [],
        timeScale: 1,
        proofGraceMs: 5000,
        legs: legsPort(env.client),
      }),
    );
    return shows;
  }

  close(): Promise<void> {
    return this.#env.close();
  }

  #vendor(account: string): FakeVendor {
    const vendor = this.#vendors.get(account);
    if (!vendor) throw new Error(`no account ${account}`);
    return vendor;
  }

  async play(scenario: LegsScenario): Promise<Evidence> {
    const id = randomUUID().slice(0, 8);
    const eventId = `l-${id}`;
    const [a, b] = [`a-${id}`, `b-${id}`];
    for (const [account, vendor] of [
      [a, scenario.a],
      [b, scenario.b],
    ] as const)
      this.#vendors.set(account, Object.assign(new FakeVendor(), { vendor }));
    const { showcaller } = this.#env;
    this.#kill(this.#vendor(a), scenario.death);
    await showcaller.start(this.#plan(eventId, scenario, { a, b }));
    setTimeout(() => this.#vendor(a).recover(), backAfterMs);
    const { stopAfterMs, cancelAfterMs } = scenario;
    const by = { by: 'the scenario', reason: 'it says so' };
    if (stopAfterMs !== undefined) setTimeout(() => void showcaller.stopNow(eventId, by).catch(() => {}), stopAfterMs);
    if (cancelAfterMs !== undefined) setTimeout(() => void showcaller.cancel(eventId).catch(() => {}), cancelAfterMs);
    const reset = () => void showcaller.resetEncoder(eventId, { ...by, leg: 'main' }).catch(() => {});
    if (resets(scenario.death)) setTimeout(reset, resetAfterMs);
    const over = new AbortController();
    const encoders = Promise.all([
      this.#encoder(eventId, 'main', a, over.signal, scenario.death?.kind === 'loses-picture'),
      this.#encoder(eventId, 'backup', b, over.signal, false),
    ]);
    const report = await showcaller.result(eventId);
    over.abort();
    const [, connectedAtB] = await encoders;
    const left = [a, b].flatMap((account) => [...this.#vendor(account).channels.keys()]);
    return { report, left, ...(connectedAtB !== undefined && { connectedAtB }) };
  }

  #plan(eventId: string, { a, b, start, require }: LegsScenario, accounts: { a: string; b: string }): Plan {
    return {
      eventId,
      startsAfter: '60s',
      duration: `${showMs}ms`,
      warmUp: '50s',
      startLead: '20s',
      waits: { firstConnect: '200s', encoderLost: '200s' },
      vod: { deadline: '60s' },
      failover: { dark: '30s' },
      ...(require && { require }),
      legs: [
        { name: 'main', vendor: a, account: accounts.a },
        { name: 'backup', vendor: b, account: accounts.b, start },
      ],
    };
  }

  #kill(vendor: FakeVendor, death: Death | undefined): void {
    if (death?.kind === 'answers') for (const method of death.methods) vendor.fail(method, death.with, forEver);
    if (death?.kind === 'refuses') vendor.fail(death.method, death.with, forEver);
    if (death?.kind === 'loses-recording') vendor.vod = () => undefined;
  }

  /** Sends as soon as the leg takes it; on a leg that loses its picture the connection ends in the middle. */
  async #encoder(eventId: string, leg: string, account: string, over: AbortSignal, drops: boolean) {
    const statusOf = async () => {
      const status = await this.#env.showcaller.status(eventId).catch(() => undefined);
      return status?.legs?.find(({ name }) => name === leg);
    };
    let open: LegStatus['status'];
    while (!over.aborted && !open) {
      const status = (await statusOf())?.status;
      if (status?.phase === 'waiting-for-encoder') open = status;
      else await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
    if (!open) return undefined;
    const name = open.channel?.ref.name ?? '';
    const vendor = this.#vendor(account);
    try {
      vendor.connect(name);
    } catch {
      // The show was stopped in this moment.
      return undefined;
    }
    const connectedAt = Date.now();
    if (drops) setTimeout(() => vendor.channels.has(name) && vendor.disconnect(name), 100_000);
    return connectedAt;
  }
}

export const resets = (death: Death | undefined): boolean =>
  death?.kind === 'answers' && death.methods.includes('reset');

const legOf = (report: EventStatus, name: string): LegStatus | undefined =>
  report.legs?.find((leg) => leg.name === name);
const isProved = (leg: LegStatus | undefined): boolean =>
  leg?.status !== undefined && leg.status.vod.length > 0 && leg.status.vod.every(({ proof }) => proof.proved);

/** What must hold of every show that was not ended by hand, whatever is wrong with A. */
export function problemsOf({ report, left }: Evidence, scenario: LegsScenario): string[] {
  const problems: string[] = [];
  const [main, backup] = [legOf(report, 'main'), legOf(report, 'backup')];
  if (left.length > 0) problems.push(`left at the vendors: ${left.join(', ')}`);
  if (!report.released) problems.push('the report says that something is left');
  for (const leg of [scenario.a, scenario.b])
    if (!report.legs?.some(({ vendor }) => vendor === leg)) problems.push(`${leg} is not named in the report`);
  const spans = report.legsOnAir ?? [];
  for (const [at, span] of spans.entries()) {
    const next = spans[at + 1];
    if (span.to === undefined) problems.push(`${span.leg} is on air for ever`);
    else if (next && next.from !== span.to) problems.push('the spans on air do not follow each other');
  }
  if (scenario.stopAfterMs !== undefined || scenario.cancelAfterMs !== undefined) return problems;
  if (!scenario.death && scenario.start === 'on-failure' && backup?.begunAt !== undefined)
    problems.push(`B began, though A was well: ${backup.begunBecause}`);
  // Only a leg that has been on all the time has what the other turns out not to have.
  if (scenario.death?.kind === 'loses-recording' && scenario.start === 'on-failure') return problems;
  if (![main, backup].some(isProved)) problems.push('no recording is proved');
  if ((scenario.require ?? 'any') === 'any' && report.endReason !== 'reached-end')
    problems.push(`ended by ${report.endReason}: ${report.endDetail}`);
  if (!keepsAOffAir(scenario.death)) return problems;
  const onAir = spans.find(({ leg }) => leg === 'backup');
  const since = Math.max(report.startsAt, main?.failed ? Math.min(main.failed.since, report.endsAt) : report.startsAt);
  if (!onAir) problems.push('B was never on air');
  else if (onAir.from - since > 60_000) problems.push(`B was on air only ${onAir.from - since} ms after the failure`);
  return problems;
}

/** Whether viewers of A can get nothing, so that B must take over; a vendor that fails only afterwards has shown all. */
const keepsAOffAir = (death: Death | undefined): boolean => {
  if (!death || death.kind === 'loses-recording') return false;
  if (death.kind === 'loses-picture') return true;
  const methods = death.kind === 'refuses' ? [death.method] : death.methods;
  return methods.some((method) => ['allocate', 'start', 'createOutput', 'observe'].includes(method));
};

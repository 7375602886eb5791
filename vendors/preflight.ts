import type { EventSpec } from '../domain/channel.ts';
import { skewTextOf } from '../domain/clock-skew.ts';
import { VendorError } from '../domain/errors.ts';
import type { CountPlanned, Finding, PreflightCheck, PreflightLook, Unseen } from '../domain/preflight.ts';
import { watchingVendorClock } from './vendor-clock.ts';

/** No preflight makes more calls to a vendor. */
export const mostPreflightCalls = 10;
const noCallLeft = `not asked, because a preflight makes ${mostPreflightCalls} calls at most`;

/** What each look of a vendor's preflight is given. */
export interface AskedOf<Sdk, Settings, Options> {
  sdk: Sdk;
  settings: Settings;
  looks: Looks;
  options: Options;
  event: EventSpec;
  planned: CountPlanned;
}

/** A vendor's preflight: its looks, one after the other, and what they found. */
export const preflightBy =
  <Sdk, Settings, Options>(
    meaning: RefusalMeaning,
    optionsOf: (event: EventSpec) => Options,
    lookAtAll: (asked: AskedOf<Sdk, Settings, Options>) => Promise<void>,
  ) =>
  async (sdk: Sdk, settings: Settings, event: EventSpec, planned: CountPlanned): Promise<PreflightLook> => {
    const looks = new Looks(meaning);
    await lookAtAll({ sdk, settings, looks, options: optionsOf(event), event, planned });
    return looks.result();
  };

/** What a refusal is about, where it is not what was asked for; undefined for what was asked for. */
export type RefusalMeaning = (error: VendorError) => PreflightCheck | undefined;

/** The looks of one preflight: each call is asked once, and a refusal becomes a finding instead of an error. */
export class Looks {
  readonly #findings: Finding[] = [];
  readonly #unseen: Unseen[] = [];
  readonly #meaning: RefusalMeaning;
  readonly #clock: { aheadMs?: number } = {};
  #calls = 0;
  /** Why nothing more can be asked. */
  #over: string | undefined;

  constructor(meaning: RefusalMeaning) {
    this.#meaning = meaning;
  }

  find(check: PreflightCheck, message: string, advice: string): void {
    if (this.#findings.some((one) => one.check === check && one.message === message)) return;
    this.#findings.push({ check, message, advice });
  }

  cannotSee(check: PreflightCheck, reason: string): void {
    if (this.#unseen.some((one) => one.check === check && one.reason === reason)) return;
    this.#unseen.push({ check, reason });
  }

  /** The answer to one call; undefined when it was refused, which is a finding, or could not be asked. */
  ask<T>(check: PreflightCheck, call: () => Promise<T>): Promise<T | undefined> {
    return this.askElsewhere(check, () => watchingVendorClock(this.#clock, call));
  }

  /** The same, of a machine whose clock need not be the vendor's. */
  async askElsewhere<T>(check: PreflightCheck, call: () => Promise<T>): Promise<T | undefined> {
    const why = this.#over ?? (this.#calls >= mostPreflightCalls ? noCallLeft : undefined);
    if (why !== undefined) {
      this.cannotSee(check, why);
      return undefined;
    }
    this.#calls += 1;
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      this.#refused(check, error);
      return undefined;
    }
  }

  /**
   * Whether the account may do something, asked so that nothing can come of it: of what does not exist, or in a form that no
   * vendor accepts. Vendors look at permissions first, so that every other refusal means that it may.
   */
  async may(permission: string, call: () => Promise<unknown>): Promise<void> {
    if (this.#over === undefined && this.#calls >= mostPreflightCalls) {
      this.cannotSee('permission', `${permission}: ${noCallLeft}`);
      return;
    }
    await this.ask('permission', async () => {
      try {
        await call();
      } catch (error) {
        if (!(error instanceof VendorError) || !saysNothing(error)) throw error;
      }
    });
  }

  /** What the account's quota leaves; `held` are channels in it that are none of our events'. */
  async quota(
    limit: number | undefined,
    what: string,
    count: CountPlanned,
    held?: (known: boolean) => number,
  ): Promise<void> {
    if (limit === undefined) return;
    const planned = await count(limit);
    if ('unknown' in planned) this.cannotSee('quota', planned.unknown);
    const events = 'unknown' in planned ? 0 : planned.events;
    const others = held?.(!('unknown' in planned)) ?? 0;
    if (others + events + 1 <= limit) return;
    const named = [
      ...(events > 0 ? [`${events} other event${events === 1 ? '' : 's'} of this account at the same time`] : []),
      ...(others > 0 ? [`${others} that are there and belong to no event of ours`] : []),
    ];
    const advice = `move an event, delete what is not needed, give it another account, or ask the vendor for more and set slots of the account`;
    this.find('quota', `the account may hold ${limit} ${what}, and there are ${named.join(', and ')}`, advice);
  }

  /** What all looks found. A clock that differs from the vendor's is among it, by the dates of its answers. */
  result(): PreflightLook {
    const { aheadMs } = this.#clock;
    const text = aheadMs === undefined ? undefined : skewTextOf(aheadMs);
    if (aheadMs === undefined) this.cannotSee('clock', 'no answer had a date');
    if (text !== undefined) {
      const advice = 'let the machine set its clock by a time server (NTP): vendors refuse signatures of another time';
      this.find('clock', `the clock of this machine is ${text} the vendor's`, advice);
    }
    return { findings: this.#findings, unseen: this.#unseen };
  }

  #refused(asked: PreflightCheck, error: VendorError): void {
    const { kind, operation, resource, message, code, advice } = error.facts;
    const check =
      kind === 'clock-skew' ? 'clock' : (this.#meaning(error) ?? (kind === 'unauthorized' ? 'permission' : asked));
    const on = resource === undefined ? '' : ` on ${resource}`;
    const text = `${operation}${on}: ${code === undefined ? '' : `${code}: `}${message}`;
    const passes = ['throttled', 'unavailable', 'unknown'].includes(kind);
    if (passes && this.#calls > 1) {
      this.cannotSee(asked, text);
      return;
    }
    this.find(passes ? 'place' : check, text, advice ?? 'correct it before the event is allocated');
    if (passes || check === 'credentials' || check === 'clock' || check === 'place') this.#over = text;
  }
}

/** The vendor looked at what was asked for, and that was nothing: so it may be asked. */
const saysNothing = ({ kind }: VendorError): boolean =>
  ['invalid-request', 'not-found', 'conflict', 'quota-exceeded'].includes(kind);

/** A name that no channel of ours or of anyone has, for asking about what does not exist. */
export const unusedName = (prefix: string): string =>
  `${prefix}preflight-${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`;

/** The status for a file that does not exist at the address where viewers read; a finding when there is no answer. */
export async function asksPlayback(
  looks: Looks,
  url: string,
  get: () => Promise<{ status?: number; refused?: string }>,
): Promise<number | undefined> {
  const advice = `correct playbackBaseUrl of the account, or what answers there`;
  const { host } = new URL(url);
  let unreachable: VendorError | undefined;
  const answer = await looks.askElsewhere('playback', async () => {
    try {
      return await get();
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      unreachable = error;
      return undefined;
    }
  });
  if (unreachable) looks.find('playback', `viewers cannot reach ${host}: ${unreachable.facts.message}`, advice);
  if (answer?.refused !== undefined) looks.find('playback', `${host} is not asked: it ${answer.refused}`, advice);
  if (answer?.status !== undefined && answer.status >= 500)
    looks.find('playback', `viewers get HTTP ${answer.status} from ${host}`, advice);
  return answer?.status;
}

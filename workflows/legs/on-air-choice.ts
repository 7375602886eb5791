import { patched, upsertSearchAttributes } from '@temporalio/workflow';
import { isReady, whyOffAir } from '../../domain/legs/failing.ts';
import { hasEnded } from '../../domain/legs/leg.ts';
import { isBeforeStop } from '../../domain/phases.ts';
import type { EventStatus, LegOnAir, LegStatus } from '../../domain/report.ts';
import { formatInstant } from '../../domain/time.ts';
import { searchAttributes } from '../search-attributes.ts';

/** The run of an event with legs, as far as the choice needs it. */
interface RunOfLegs {
  readonly status: EventStatus;
  readonly legs: LegStatus[];
  whyNoneBegins(now: number): string | undefined;
  warn(warning: 'leg-switched', message: string, data: { leg: string }): void;
}

/** Which leg viewers are sent to. */
export class OnAirChoice {
  readonly #run: RunOfLegs;
  /** The leg to switch to when it is ready. */
  switchTo: { leg: string; why: string } | undefined;
  /** The leg that an operator sent viewers to. */
  #chosen?: string;

  constructor(run: RunOfLegs) {
    this.#run = run;
  }

  /** The leg that viewers are sent to; undefined before the first is live, and after the show. */
  get onAir(): LegOnAir | undefined {
    const last = this.#run.status.legsOnAir?.at(-1);
    return last?.to === undefined ? last : undefined;
  }

  decide(now: number): void {
    const { legs, status } = this.#run;
    const current = this.onAir;
    const leg = legs.find(({ name }) => name === current?.leg);
    const wanted = legs.find((one) => one.name === this.switchTo?.leg && isReady(one));
    if (wanted && this.switchTo) {
      this.#put(wanted, now, this.switchTo.why);
      this.switchTo = undefined;
      this.#chosen = wanted.name;
      return;
    }
    const isOn = isBeforeStop(leg?.status?.phase) && leg !== undefined && !hasEnded(leg);
    const goesOn = this.#run.whyNoneBegins(now) === undefined;
    // Until the show begins no viewer is sent anywhere: the order of the plan decides, not which encoder came first.
    const first = now < status.startsAt ? legs.find(isReady) : undefined;
    if (leg && isOn && !leg.failed) {
      if (!first || first === leg) return;
      if (leg.name === this.#chosen && patched('stays-where-it-was-switched-to')) return;
    }
    const next = goesOn ? legs.find((one) => one !== leg && isReady(one)) : undefined;
    if (next) this.#put(next, now, leg ? whyOffAir(leg, isOn) : 'it was live first');
    else if (current && !isOn) current.to = leg?.status?.stoppedAt ?? now;
  }

  /** No leg is on air after the show. */
  end(): void {
    const { onAir } = this;
    if (onAir) onAir.to = Date.now();
  }

  #put(leg: LegStatus, at: number, why: string): void {
    const { status } = this.#run;
    const before = this.onAir;
    if (before?.leg === leg.name) return;
    if (before) before.to = at;
    status.legsOnAir = [...(status.legsOnAir ?? []), { leg: leg.name, from: at, why }];
    const { vendor, account } = leg;
    upsertSearchAttributes([
      { key: searchAttributes.vendor, value: vendor },
      { key: searchAttributes.account, value: account },
    ]);
    if (before) {
      const message = `viewers are sent to leg ${leg.name} (${vendor}) instead of ${before.leg} since ${formatInstant(at)}: ${why}`;
      this.#run.warn('leg-switched', message, { leg: leg.name });
    }
  }
}

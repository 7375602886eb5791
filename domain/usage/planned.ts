import type { JsonObject } from '../json.ts';
import type { OwnedSpan } from './amount.ts';
import type { Bill } from './billing.ts';

/** What an event, or one of its legs, is to use. Stands in histories. Instants are epoch milliseconds. */
export interface PlannedUse {
  /** The event's key, or that of the leg's run. */
  event: string;
  vendor: string;
  account: string;
  vendorOptions: JsonObject;
  standby: boolean;
  /** The vendor fetches the stream. */
  pulls: boolean;
  allocateAt: number;
  opensAt: number;
  startsAt: number;
  endsAt: number;
}

/** What a vendor would bill of a show that goes as planned. What the events of an account share is no event's. */
export function plannedSpans(use: PlannedUse, bills: readonly Bill[]): OwnedSpan[] {
  const { event, vendor, account, vendorOptions } = use;
  return bills.flatMap(({ resource, state, classOption, goesOn, optional }) => {
    const from = { standby: use.allocateAt, running: use.opensAt, input: use.startsAt }[state];
    const to = state === 'standby' ? use.opensAt : use.endsAt;
    const isMade = !goesOn && (!optional || use.pulls) && (state !== 'standby' || use.standby) && from < to;
    const classOf = classOption === undefined ? undefined : vendorOptions[classOption];
    const span = { vendor, account, resource, name: event, state, from, to };
    return isMade ? [{ ...span, ...(typeof classOf === 'string' && { class: classOf }) }] : [];
  });
}

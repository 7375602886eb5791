import type { DeliveryCounts, VendorEventDelivery } from '../client/vendor-events/deliver.ts';

export interface CountedDelivery extends VendorEventDelivery {
  /** By vendor, since the process began. */
  readonly counts: ReadonlyMap<string, DeliveryCounts>;
}

/** Counts what came of the events of webhooks and queues together, for the metrics. */
export function counted(delivery: VendorEventDelivery): CountedDelivery {
  const counts = new Map<string, DeliveryCounts>();
  return {
    counts,
    async deliver(vendor, messages) {
      const passed = await delivery.deliver(vendor, messages);
      const before = counts.get(vendor);
      const sum = (name: keyof DeliveryCounts) => passed[name] + (before?.[name] ?? 0);
      counts.set(vendor, {
        delivered: sum('delivered'),
        known: sum('known'),
        unknown: sum('unknown'),
        malformed: sum('malformed'),
        dropped: sum('dropped'),
        notLookedUp: sum('notLookedUp'),
      });
      return passed;
    },
  };
}

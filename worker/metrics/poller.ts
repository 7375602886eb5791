import type { HubDoor } from '../../activities/ports.ts';
import type { Metrics } from './metrics.ts';

/** A poller's way to Temporal, counted. */
export const meteredHub = (door: HubDoor, metrics: Metrics): HubDoor => ({
  async watching(vendor, account) {
    const events = await door.watching(vendor, account);
    metrics.watching({ vendor, account }, events);
    return events;
  },
  async hint(vendor, account, channels) {
    const unknown = await door.hint(vendor, account, channels);
    metrics.hinted({ vendor, account }, channels.length - unknown.length);
    return unknown;
  },
  ensure: (vendor, account) => door.ensure(vendor, account),
  ticked: (vendor, account, listed) => metrics.ticked({ vendor, account }, listed),
});

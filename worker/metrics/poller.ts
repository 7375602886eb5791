import type { PollerPort } from '../../activities/ports.ts';
import type { Metrics } from './metrics.ts';

/** A port of the poller that counts its polls and signals. */
export const meteredPoller = (port: PollerPort, metrics: Metrics): PollerPort => ({
  ...port,
  async watching(vendor, account) {
    const events = await port.watching(vendor, account);
    metrics.watching({ vendor, account }, events.length);
    return events;
  },
  async recheck(vendor, account, channels) {
    const unknown = await port.recheck(vendor, account, channels);
    metrics.rechecked({ vendor, account }, channels.length - unknown.length);
    return unknown;
  },
  onPoll: (vendor, account, listed) => metrics.polled({ vendor, account }, listed),
  onView: (vendor, account, workflowId, state) => metrics.viewed({ vendor, account }, workflowId, state),
});

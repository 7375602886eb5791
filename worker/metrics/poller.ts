import type { PollerPort } from '../../activities/ports.ts';
import type { Metrics } from './metrics.ts';

/** A port of the poller that counts its polls and the runs that it made look. */
export const meteredPoller = (port: PollerPort, metrics: Metrics): PollerPort => ({
  ...port,
  async watching(vendor, account) {
    const events = await port.watching(vendor, account);
    metrics.watching({ vendor, account }, events.length);
    return events;
  },
  onPoll: (vendor, account, listed) => metrics.polled({ vendor, account }, listed),
  onRecheck: (vendor, account, reached) => metrics.rechecked({ vendor, account }, reached),
  onView: (vendor, account, workflowId, state) => metrics.viewed({ vendor, account }, workflowId, state),
});

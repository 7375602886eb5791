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
  async reach(of, run, answer) {
    const isReached = await port.reach(of, run, answer);
    if (isReached) metrics.rechecked(of, 1);
    return isReached;
  },
  onPoll: (vendor, account, listed) => metrics.polled({ vendor, account }, listed),
  onView: (vendor, account, workflowId, state) => metrics.viewed({ vendor, account }, workflowId, state),
});

import { ApplicationFailure } from '@temporalio/common';
import type { LiveEventActivities } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { withHeartbeat } from './heartbeat.ts';

export const legActivities = ({ legs }: ActivityDeps): Pick<LiveEventActivities, 'actOnLeg'> => ({
  actOnLeg: async (action) => {
    if (!legs)
      throw ApplicationFailure.nonRetryable('this worker has no Temporal client to reach legs with', 'unknown');
    return withHeartbeat(() => legs.act(action));
  },
});

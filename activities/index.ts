import { channelActivities } from './channel.ts';
import type { Activities } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { pollerActivities } from './poller.ts';
import { prepareActivities } from './prepare.ts';
import { vodActivities } from './recording.ts';
import { sweepActivities } from './sweep.ts';
import { watchActivities } from './watch.ts';
import { deliverActivities } from './webhooks/deliver.ts';

/** An object literal of plain functions: Temporal registers only own enumerable ones. */
export const createActivities = (deps: ActivityDeps): Activities => ({
  ...prepareActivities(deps),
  ...channelActivities(deps),
  ...watchActivities(deps),
  ...vodActivities(deps),
  ...pollerActivities(deps),
  ...sweepActivities(deps),
  ...deliverActivities(deps),
});

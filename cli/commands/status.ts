import type { Command } from 'commander';
import { viewOf } from '../../client/overview.ts';
import type { Condition } from '../../domain/conditions/condition.ts';
import { type PendingStep, stepText } from '../../domain/conditions/pending-step.ts';
import { channelsOf, ofEachLeg } from '../../domain/legs/channels.ts';
import { completes } from '../../domain/phases.ts';
import { formatInstant } from '../../domain/time.ts';
import { ingestEndpoints } from '../../vendors/ingest.ts';
import { accountsHere, type ConnectionFlags, viewingHere, withClient } from '../context.ts';
import { answer, FailedResult, keepOutputPrivate, UsageError } from '../io.ts';
import { watchEvents } from '../live-view.ts';
import { reportLines } from '../report-text.ts';
import { timesOf } from '../times.ts';
import { connectionOptions, type TimeFlags, timeOptions } from './options.ts';

const pendingLines = (steps: readonly PendingStep[]): string[] =>
  steps.map(({ name, leg, attempt, reason, failing }) => {
    const tries = failing ? `, failed ${failing.errors ?? attempt} times` : '';
    return `  now       ${leg === undefined ? '' : `leg ${leg}: `}${stepText(name)}${tries}${reason ? `: ${reason}` : ''}`;
  });

/** What a person should see first. */
const conditionLines = (conditions: readonly Condition[]): string[] =>
  conditions.map(({ name, since, message }) => `  ${name.toUpperCase()} since ${formatInstant(since)}: ${message}`);

export const registerStatus = (program: Command): void => {
  timeOptions(connectionOptions(program.command('status')))
    .description('where an event is and why, or the report of one that ended')
    .argument('<event-id>')
    .action(async (eventId: string, flags: ConnectionFlags & TimeFlags) => {
      const { status, pending, conditions } = await withClient(flags, (client) => viewOf(client, eventId));
      answer(flags.json, { ...status, pending, conditions }, () => {
        const [head = '', ...lines] = reportLines(status);
        return [head, ...conditionLines(conditions), ...lines, ...pendingLines(pending)].map(timesOf(flags).inTexts);
      });
    });

  connectionOptions(program.command('watch'))
    .description('follow events until they end; exit 1 when one fails')
    .argument('<event-id...>')
    .option('--viewer', 'look at the live streams from here, as a viewer does, and show what comes')
    .action(async (eventIds: string[], flags: ConnectionFlags & { viewer?: boolean }) => {
      const viewing = flags.viewer ? viewingHere() : undefined;
      const reports = await withClient(flags, (client) => watchEvents(client, eventIds, viewing));
      answer(flags.json, reports, () =>
        reports.flatMap((one, index) => [...(index > 0 ? [''] : []), ...reportLines(one)]),
      );
      const failed = reports.filter(({ endReason }) => !endReason || !completes(endReason));
      if (failed.length > 0) throw new FailedResult(failed.map(({ eventId }) => eventId).join(', '));
    });

  connectionOptions(program.command('ingest'))
    .description(
      'where the encoder of an event sends: secret; asked of the vendor with the accounts of this environment',
    )
    .argument('<event-id>')
    .action(async (eventId: string, flags: ConnectionFlags) => {
      const { drivers } = accountsHere();
      const status = await withClient(flags, (client) => client.status(eventId));
      const channels = channelsOf(status);
      if (channels.length === 0)
        throw new UsageError(`${eventId} has no channel yet (${status.phase}); it is made some time before the start`);
      const endpoints = await ofEachLeg(channels, (channel) => ingestEndpoints(drivers, channel));
      keepOutputPrivate();
      answer(flags.json, endpoints, () =>
        endpoints.flatMap(({ leg, url, server, streamKey, expiresAt }) => [
          ...(leg === undefined ? [] : [`leg ${leg}`]),
          url,
          `  server      ${server}`,
          `  stream key  ${streamKey}`,
          `  lets in     ${expiresAt === undefined ? 'as long as the channel is open' : `until ${formatInstant(expiresAt)}`}`,
        ]),
      );
    });
};

import type { Command } from 'commander';
import type { ShowcallerClient } from '../../client/client.ts';
import type { PendingStep } from '../../client/pending.ts';
import { legKeyOf } from '../../domain/ids.ts';
import { channelsOf, ofEachLeg } from '../../domain/legs/channels.ts';
import { completes } from '../../domain/phases.ts';
import type { EventStatus } from '../../domain/report.ts';
import { formatInstant } from '../../domain/time.ts';
import { ingestEndpoints } from '../../vendors/ingest.ts';
import { accountsHere, type ConnectionFlags, viewingHere, withClient } from '../context.ts';
import { answer, FailedResult, keepOutputPrivate, UsageError } from '../io.ts';
import { watchEvents } from '../live-view.ts';
import { positive } from '../numbers.ts';
import { reportLines } from '../report-text.ts';
import { connectionOptions } from './options.ts';

const pendingLines = (steps: PendingStep[]): string[] =>
  steps.map(({ name, attempt, reason }) => `  now       ${name}, attempt ${attempt}${reason ? `: ${reason}` : ''}`);

async function whole(
  client: ShowcallerClient,
  eventId: string,
): Promise<{ status: EventStatus; pending: PendingStep[] }> {
  const [status, pending] = await Promise.all([client.status(eventId), client.pending(eventId)]);
  return { status, pending };
}

export const registerStatus = (program: Command): void => {
  connectionOptions(program.command('status'))
    .description('where an event is and why, or the report of one that ended')
    .argument('<event-id>')
    .action(async (eventId: string, flags: ConnectionFlags) => {
      const { status, pending } = await withClient(flags, (client) => whole(client, eventId));
      answer(flags.json, { ...status, pending }, () => [...reportLines(status), ...pendingLines(pending)]);
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

  connectionOptions(program.command('list'))
    .description('events, newest first')
    .option('--query <filter>', 'visibility filter, e.g. "ShowcallerPhase = \'live\'"')
    .option('--limit <n>', 'at most this many', positive, 50)
    .action(async (flags: ConnectionFlags & { query?: string; limit: number }) => {
      const events = await withClient(flags, async (client) => {
        const found = [];
        for await (const event of client.list(flags)) found.push(event);
        return found;
      });
      const line = (e: (typeof events)[number]) =>
        [
          e.key.padEnd(32),
          (e.vendor ?? '').padEnd(22),
          (e.phase ?? '').padEnd(20),
          e.endReason ?? e.workflowStatus.toLowerCase(),
        ].join(' ');
      answer(flags.json, events, () => (events.length > 0 ? events.map(line) : 'no events'));
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

  connectionOptions(program.command('cancel'))
    .description('abort an event: stop and clean up, publish nothing')
    .argument('<event-id>')
    .option('--leg <name>', 'of an event with legs: only this one')
    .action(async (event: string, flags: ConnectionFlags & { leg?: string }) => {
      const eventId = flags.leg === undefined ? event : legKeyOf(event, flags.leg);
      const { effect } = await withClient(flags, (client) => client.cancel(eventId));
      answer(flags.json, { cancelled: eventId, effect }, () => `${eventId}: cancelled; ${effect}`);
    });
};

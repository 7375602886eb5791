import { type Command, Option } from 'commander';
import type { Condition } from '../../domain/conditions/condition.ts';
import { type PendingStep, stepText } from '../../domain/conditions/pending-step.ts';
import { completes } from '../../domain/phases.ts';
import { staleSince } from '../../domain/seen.ts';
import { formatInstant } from '../../domain/time.ts';
import { viewingHere } from '../accounts.ts';
import { type ServiceFlags, withService } from '../context.ts';
import { type EncoderKind, encoderKinds, encoderLines } from '../encoder-settings.ts';
import { answer, FailedResult, keepOutputPrivate, say, UsageError } from '../io.ts';
import { watchEvents } from '../live-view.ts';
import { reportLines } from '../report-text.ts';
import { timesOf } from '../times.ts';
import { watchAll } from '../watch-all.ts';
import { serviceOptions, type TimeFlags, timeOptions } from './options.ts';

const pendingLines = (steps: readonly PendingStep[]): string[] =>
  steps.map(({ name, leg, attempt, reason, failing }) => {
    const tries = failing ? `, failed ${failing.errors ?? attempt} times` : '';
    return `  now       ${leg === undefined ? '' : `leg ${leg}: `}${stepText(name)}${tries}${reason ? `: ${reason}` : ''}`;
  });

/** What a person should see first. */
const conditionLines = (conditions: readonly Condition[]): string[] =>
  conditions.map(({ name, since, message }) => `  ${name.toUpperCase()} since ${formatInstant(since)}: ${message}`);

export const registerStatus = (program: Command): void => {
  timeOptions(serviceOptions(program.command('status')))
    .description('where an event is and why, or the report of one that ended')
    .argument('<event-id>')
    .action(async (eventId: string, flags: ServiceFlags & TimeFlags) => {
      const { status, pending, conditions } = await withService(flags, (service) => service.view(eventId));
      answer(flags.json, { ...status, pending, conditions }, () => {
        const [head = '', ...lines] = reportLines(status, staleSince(conditions));
        return [head, ...conditionLines(conditions), ...lines, ...pendingLines(pending)].map(timesOf(flags).inTexts);
      });
    });

  timeOptions(serviceOptions(program.command('watch')))
    .description(
      'follow events until they end; exit 1 when one fails. Without ids: all that run or begin within the hour',
    )
    .argument('[event-id...]')
    .option('--viewer', 'look at the live streams from here, as a viewer does, and show what comes')
    .action(async (eventIds: string[], flags: ServiceFlags & TimeFlags & { viewer?: boolean }) => {
      if (eventIds.length === 0) {
        if (flags.json || flags.viewer) throw new UsageError('watch with --json or --viewer needs event ids');
        return withService(flags, (service) => watchAll(service, timesOf(flags)));
      }
      const viewing = flags.viewer ? viewingHere() : undefined;
      const reports = await withService(flags, (service) =>
        watchEvents(service, eventIds, { times: timesOf(flags), viewing }),
      );
      answer(flags.json, reports, () =>
        reports.flatMap((one, index) => [...(index > 0 ? [''] : []), ...reportLines(one)]).map(timesOf(flags).inTexts),
      );
      const failed = reports.filter(({ endReason }) => !endReason || !completes(endReason));
      if (failed.length > 0) throw new FailedResult(failed.map(({ eventId }) => eventId).join(', '));
    });

  timeOptions(serviceOptions(program.command('ingest')))
    .description(
      'where the encoder of an event sends: secret; asked of the API, or of the vendor with the accounts of this environment',
    )
    .argument('<event-id>')
    .addOption(new Option('--for <encoder>', 'as lines to paste there').choices([...encoderKinds]))
    .action(async (eventId: string, flags: ServiceFlags & TimeFlags & { for?: EncoderKind }) => {
      const { endpoints, missing = [] } = await withService(flags, (service) => service.ingest(eventId));
      say(...missing.map(({ leg, reason }) => `showcaller: no address of ${leg ? `leg ${leg}` : eventId}: ${reason}`));
      const kind = flags.for;
      keepOutputPrivate();
      answer(flags.json, endpoints, () =>
        endpoints.flatMap((endpoint) => {
          const { leg, url, server, streamKey, expiresAt, opensAt, closesAt } = endpoint;
          const whole = [url, `  server      ${server}`, `  stream key  ${streamKey}`];
          const open = [
            `  open        ${opensAt === undefined ? '' : `from ${formatInstant(opensAt)} `}to ${formatInstant(closesAt)}`,
            ...(expiresAt === undefined ? [] : [`  good until  ${formatInstant(expiresAt)}`]),
          ];
          const head = leg === undefined ? [] : [`leg ${leg}`];
          // Nothing else beside a line for a shell.
          if (kind === 'ffmpeg') return [...head.map((line) => `# ${line}`), ...encoderLines(kind, endpoint)];
          const lines = kind === undefined ? whole : encoderLines(kind, endpoint);
          return [...head, ...lines, ...open.map(timesOf(flags).inTexts)];
        }),
      );
    });
};

import type { Command } from 'commander';
import type { Accepted } from '../../domain/actions.ts';
import { runKeyOf } from '../../domain/ids.ts';
import { formatInstant, parseDuration } from '../../domain/time.ts';
import { type ServiceFlags, withService } from '../context.ts';
import { answer, say, UsageError } from '../io.ts';
import type { EventService, Words } from '../service/service.ts';
import { timesOf } from '../times.ts';
import { operatorOptions, reasonableOptions, type TimeFlags, timeOptions } from './options.ts';

type Flags = ServiceFlags & Words;

interface ActionOptions {
  hidden?: boolean;
  takesLeg?: (command: Command) => Command;
  base?: (command: Command) => Command;
  /** A further argument, and what it is. */
  argument?: [name: string, description: string];
}

/** Every operator action has one shape: an event, who, why, and little else. */
function action<F extends ServiceFlags>(
  program: Command,
  name: string,
  description: string,
  options: (command: Command) => Command,
  act: (service: EventService, eventId: string, flags: F, given?: string) => Promise<Accepted>,
  { hidden = false, takesLeg = oneLeg, argument, base = operatorOptions }: ActionOptions = {},
): void {
  const command = timeOptions(options(takesLeg(base(program.command(name, { hidden })))))
    .description(description)
    .argument('<event-id>');
  const run = async (eventId: string, flags: F & TimeFlags, given?: string) => {
    const accepted = await withService(flags, (service) => act(service, eventId, flags, given));
    answer(flags.json, accepted, () => timesOf(flags).inTexts(`${eventId}: ${accepted.effect}`));
  };
  if (argument)
    command.argument(...argument).action((id: string, given: string | undefined, flags: F) => run(id, flags, given));
  else command.action(run);
}

/** `+10m` counts from the end as it is now. */
async function newEnd(
  service: EventService,
  id: string,
  flags: Flags & { endsAt?: string },
  end?: string,
): Promise<string> {
  const given = end ?? flags.endsAt;
  if (given === undefined || (end !== undefined && flags.endsAt !== undefined))
    throw new UsageError('say the new end once: extend EVENT +10m, or extend EVENT 2026-12-01T21:00:00Z');
  if (!given.startsWith('+')) return given;
  const ms = parseDuration(given.slice(1));
  if (ms === undefined || ms === 0) throw new UsageError(`${given} is no duration: write +10m, +1h30m or +PT10M`);
  const { endsAt } = await service.status(runKeyOf(id, flags.leg));
  return formatInstant(endsAt + ms);
}

const words = ({ by, reason, leg }: Flags): Words => ({
  reason,
  ...(by !== undefined && { by }),
  ...(leg !== undefined && { leg }),
});
const noMore = (command: Command): Command => command;
const oneLeg = (command: Command): Command => command.option('--leg <name>', 'of an event with legs: only this one');

export const registerOperators = (program: Command): void => {
  action<Flags & { discardRecording?: boolean }>(
    program,
    'stop',
    'end the show now, publish its recording, clean up',
    (command) => command.option('--discard-recording', 'publish no recording'),
    (service, id, flags) => service.act('stop', id, { ...words(flags), keepRecording: !flags.discardRecording }),
  );
  action<Flags & { endsAt?: string }>(
    program,
    'extend',
    'move the end of the show, up to its maximum duration',
    (command) => command.option('--ends-at <instant>', 'ISO 8601 with an offset'),
    async (service, id, flags, end) =>
      service.act('extend', id, { ...words(flags), endsAt: await newEnd(service, id, flags, end) }),
    { argument: ['[end]', 'the new end as an instant, or by how much it moves: +10m'] },
  );
  action<ServiceFlags & Partial<Words>>(
    program,
    'cancel',
    'abort an event: stop and clean up, publish nothing',
    noMore,
    (service, id, { reason, ...flags }) => {
      if (reason === undefined) say('showcaller: cancel without --reason is deprecated: the report keeps why');
      return service.act('cancel', id, words({ ...flags, reason: reason ?? 'no reason was given' }));
    },
    { base: reasonableOptions },
  );
  action<Flags & { startsAt: string; endsAt: string }>(
    program,
    'reschedule',
    'move an event that has not been allocated yet',
    (command) =>
      command
        .requiredOption('--starts-at <instant>', 'ISO 8601 with an offset')
        .requiredOption('--ends-at <instant>', 'ISO 8601 with an offset'),
    (service, id, { startsAt, endsAt, ...flags }) =>
      service.act('reschedule', id, { ...words(flags), startsAt, endsAt }),
  );
  action<Flags>(program, 'skip-wait', 'go live without having seen the encoder', noMore, (service, id, flags) =>
    service.act('skip-wait', id, words(flags)),
  );
  action<Flags>(program, 'reset', "drop the encoder's connection so that it reconnects", noMore, (service, id, flags) =>
    service.act('reset', id, words(flags)),
  );
  action<Flags & { leg: string }>(
    program,
    'switch',
    'send viewers to another leg; one that is held back begins',
    (command) => command.requiredOption('--leg <name>', 'the leg'),
    (service, id, flags) => service.act('switch', id, { ...words(flags), leg: flags.leg }),
    { takesLeg: noMore },
  );
  action<Flags & { wait?: boolean }>(
    program,
    'retry-vod',
    'publish and prove the recording again, also of an event that is over',
    (command) => command.option('--wait', 'wait for what comes of it; exit 1 when it is not proved'),
    async (service, id, flags) => {
      const accepted = await service.act('retry-vod', id, words(flags));
      const retry = flags.wait ? await service.vodRetry(runKeyOf(id, flags.leg)) : undefined;
      if (!retry) return accepted;
      if (!retry.proved) throw new Error(`the recording of ${id} is still not proved: ${retry.detail}`);
      return { accepted: true, effect: `proved: ${retry.vod.map(({ url }) => url).join(' ')}` };
    },
  );
  const abandonCleanup = (service: EventService, id: string, flags: Flags) =>
    service.act('abandon-cleanup', id, words(flags));
  action<Flags>(
    program,
    'abandon-cleanup',
    'end a run whose clean-up cannot succeed; the vendor bills what is left until it is deleted by hand',
    noMore,
    abandonCleanup,
  );
  action<Flags>(
    program,
    'release',
    'the former name of abandon-cleanup',
    noMore,
    (service, id, flags) => {
      say('showcaller: release is now called abandon-cleanup');
      return abandonCleanup(service, id, flags);
    },
    { hidden: true },
  );
};

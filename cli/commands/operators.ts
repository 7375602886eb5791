import type { Command } from 'commander';
import type { ShowcallerClient } from '../../client/client.ts';
import { runKeyOf } from '../../domain/ids.ts';
import { formatInstant, parseDuration } from '../../domain/time.ts';
import type { Accepted, By, ToLeg } from '../../workflows/messages.ts';
import { type ConnectionFlags, withClient } from '../context.ts';
import { answer, say, UsageError } from '../io.ts';
import { operatorOptions, reasonableOptions } from './options.ts';

type Flags = ConnectionFlags & By & ToLeg;

interface ActionOptions {
  hidden?: boolean;
  takesLeg?: (command: Command) => Command;
  base?: (command: Command) => Command;
  /** A further argument, and what it is. */
  argument?: [name: string, description: string];
}

/** Every operator action has one shape: an event, who, why, and little else. */
function action<F extends Flags>(
  program: Command,
  name: string,
  description: string,
  options: (command: Command) => Command,
  act: (client: ShowcallerClient, eventId: string, flags: F, given?: string) => Promise<Accepted>,
  { hidden = false, takesLeg = oneLeg, argument, base = operatorOptions }: ActionOptions = {},
): void {
  const command = options(takesLeg(base(program.command(name, { hidden }))))
    .description(description)
    .argument('<event-id>');
  const run = async (eventId: string, flags: F, given?: string) => {
    const accepted = await withClient(flags, (client) => act(client, eventId, flags, given));
    answer(flags.json, accepted, () => `${eventId}: ${accepted.effect}`);
  };
  if (argument)
    command.argument(...argument).action((id: string, given: string | undefined, flags: F) => run(id, flags, given));
  else command.action(run);
}

/** `+10m` counts from the end as it is now. */
async function newEnd(
  client: ShowcallerClient,
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
  const { endsAt } = await client.status(runKeyOf(id, flags.leg));
  return formatInstant(endsAt + ms);
}

const by = ({ by, reason, leg }: Flags): By & ToLeg => ({ by, reason, ...(leg !== undefined && { leg }) });
const noMore = (command: Command): Command => command;
const oneLeg = (command: Command): Command => command.option('--leg <name>', 'of an event with legs: only this one');

export const registerOperators = (program: Command): void => {
  action<Flags & { discardRecording?: boolean }>(
    program,
    'stop',
    'end the show now, publish its recording, clean up',
    (command) => command.option('--discard-recording', 'publish no recording'),
    (client, id, flags) => client.stopNow(id, { ...by(flags), keepRecording: !flags.discardRecording }),
  );
  action<Flags & { endsAt?: string }>(
    program,
    'extend',
    'move the end of the show, up to its maximum duration',
    (command) => command.option('--ends-at <instant>', 'ISO 8601 with an offset'),
    async (client, id, flags, end) => client.extend(id, { ...by(flags), endsAt: await newEnd(client, id, flags, end) }),
    { argument: ['[end]', 'the new end as an instant, or by how much it moves: +10m'] },
  );
  action<By & ToLeg & ConnectionFlags & { reason?: string }>(
    program,
    'cancel',
    'abort an event: stop and clean up, publish nothing',
    noMore,
    (client, id, flags) => {
      if (flags.reason === undefined) say('showcaller: cancel without --reason is deprecated: the report keeps why');
      const { by, reason = 'no reason was given' } = flags;
      return client.cancel(runKeyOf(id, flags.leg), { by, reason });
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
    (client, id, flags) => client.reschedule(id, { ...by(flags), startsAt: flags.startsAt, endsAt: flags.endsAt }),
  );
  action<Flags>(program, 'skip-wait', 'go live without having seen the encoder', noMore, (client, id, flags) =>
    client.skipWait(id, by(flags)),
  );
  action<Flags>(program, 'reset', "drop the encoder's connection so that it reconnects", noMore, (client, id, flags) =>
    client.resetEncoder(id, by(flags)),
  );
  action<Flags & { leg: string }>(
    program,
    'switch',
    'send viewers to another leg; one that is held back begins',
    (command) => command.requiredOption('--leg <name>', 'the leg'),
    (client, id, flags) => client.switchLeg(id, { ...by(flags), leg: flags.leg }),
    { takesLeg: noMore },
  );
  action<Flags & { wait?: boolean }>(
    program,
    'retry-vod',
    'publish and prove the recording again, also of an event that is over',
    (command) => command.option('--wait', 'wait for what comes of it; exit 1 when it is not proved'),
    async (client, id, flags) => {
      const accepted = await client.retryVod(id, by(flags));
      const retry = flags.wait ? await client.vodRetry(runKeyOf(id, flags.leg)) : undefined;
      if (!retry) return accepted;
      if (!retry.proved) throw new Error(`the recording of ${id} is still not proved: ${retry.detail}`);
      return { accepted: true, effect: `proved: ${retry.vod.map(({ url }) => url).join(' ')}` };
    },
  );
  const abandonCleanup = (client: ShowcallerClient, id: string, flags: Flags) => client.abandonCleanup(id, by(flags));
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
    (client, id, flags) => {
      say('showcaller: release is now called abandon-cleanup');
      return abandonCleanup(client, id, flags);
    },
    { hidden: true },
  );
};

import type { Command } from 'commander';
import type { ShowcallerClient } from '../../client/client.ts';
import { legKeyOf } from '../../domain/ids.ts';
import type { Accepted, By, ToLeg } from '../../workflows/messages.ts';
import { type ConnectionFlags, withClient } from '../context.ts';
import { answer, say } from '../io.ts';
import { operatorOptions } from './options.ts';

type Flags = ConnectionFlags & By & ToLeg;

/** Every operator action has one shape: an event, who, why, and little else. */
function action<F extends Flags>(
  program: Command,
  name: string,
  description: string,
  options: (command: Command) => Command,
  act: (client: ShowcallerClient, eventId: string, flags: F) => Promise<Accepted>,
  { hidden = false, takesLeg = oneLeg } = {},
): void {
  options(takesLeg(operatorOptions(program.command(name, { hidden }))))
    .description(description)
    .argument('<event-id>')
    .action(async (eventId: string, flags: F) => {
      const accepted = await withClient(flags, (client) => act(client, eventId, flags));
      answer(flags.json, accepted, () => `${eventId}: ${accepted.effect}`);
    });
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
  action<Flags & { endsAt: string }>(
    program,
    'extend',
    'move the end of the show, up to its maximum duration',
    (command) => command.requiredOption('--ends-at <instant>', 'ISO 8601 with an offset'),
    (client, id, flags) => client.extend(id, { ...by(flags), endsAt: flags.endsAt }),
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
      const retry = flags.wait
        ? await client.vodRetry(flags.leg === undefined ? id : legKeyOf(id, flags.leg))
        : undefined;
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

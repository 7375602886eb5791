import { type Command, Option } from 'commander';
import { type CalendarInput, type Overlap, overlaps, type ScheduleInput } from '../../client/schedules/input.ts';
import type { Triggered } from '../../client/schedules/schedules.ts';
import type { ScheduleView } from '../../client/schedules/view.ts';
import { partsOfKey } from '../../domain/ids.ts';
import { type ServiceFlags, withSchedules } from '../context.ts';
import { answer, FailedResult, say, UsageError } from '../io.ts';
import { positive } from '../numbers.ts';
import { scheduleLine, scheduleLines } from '../schedule-text.ts';
import { listSchedules, type Note, type ScheduleService } from '../service/schedules.ts';
import { timesOf } from '../times.ts';
import { byOption, serviceOptions, type TimeFlags, timeOptions } from './options.ts';
import { readPlan } from './start.ts';

interface DefinitionFlags extends ServiceFlags, TimeFlags {
  cron?: string;
  calendar?: CalendarInput[];
  timeZone: string;
  startAt?: string;
  endAt?: string;
  catchUp?: string;
  overlap: Overlap;
  note?: string;
  dryRun?: boolean;
}

function calendarFrom(text: string, before: CalendarInput[] = []): CalendarInput[] {
  try {
    return [...before, JSON.parse(text) as CalendarInput];
  } catch (error) {
    throw new UsageError(`--calendar ${text} is not JSON: write '{"hour":20,"dayOfWeek":"mon-fri"}'`, { cause: error });
  }
}

function inputOf(name: string, file: string, flags: DefinitionFlags): ScheduleInput {
  const { cron, calendar, timeZone, startAt, endAt, overlap, catchUp, note } = flags;
  return {
    scheduleId: partsOfKey(name).id,
    plan: readPlan(file),
    // The check copies the input as JSON, which drops undefined fields.
    spec: { cron, calendars: calendar, timeZone, startAt, endAt },
    overlap,
    catchUp,
    note,
  };
}

const definitionOptions = (command: Command): Command =>
  timeOptions(serviceOptions(command))
    .argument('<schedule-id>')
    .argument('<plan>', 'a JSON file, or - for standard input; says duration, not startsAt and endsAt')
    .requiredOption('--time-zone <zone>', 'IANA name, e.g. Europe/Berlin')
    .option('--cron <fields>', 'minute hour day-of-month month day-of-week, e.g. "0 20 * * mon-fri"')
    .option('--calendar <json>', 'e.g. \'{"hour":20,"dayOfWeek":"mon-fri"}\'; may be given again', calendarFrom)
    .option('--start-at <instant>', 'no show before this')
    .option('--end-at <instant>', 'no show after this')
    .option('--catch-up <duration>', "how long after its start a show is still begun (default: the show's duration)")
    .addOption(
      new Option('--overlap <policy>', 'when the run before is not over').choices([...overlaps]).makeOptionMandatory(),
    )
    .option('--note <text>', 'for people')
    .option('--dry-run', 'show what would be, change nothing');

function registerDefinition(parent: Command, verb: 'create' | 'update', description: string): void {
  definitionOptions(parent.command(verb))
    .description(description)
    .action(async (name: string, file: string, flags: DefinitionFlags) => {
      const input = inputOf(name, file, flags);
      const view = flags.dryRun
        ? await preview(input)
        : await withSchedules(flags, (schedules) => schedules[verb](name, input));
      const head = flags.dryRun ? ['nothing was changed; this would be'] : [];
      answer(flags.json, view, () => [...head, ...scheduleLines(view)].map(timesOf(flags).inTexts));
    });
}

async function preview(input: ScheduleInput): Promise<ScheduleView> {
  const { ShowcallerSchedules } = await import('../../client/schedules/schedules.ts');
  return ShowcallerSchedules.preview(input);
}

type NoteFlags = ServiceFlags & Note;

/** A command on one schedule that answers with one line. */
function registerAction(
  parent: Command,
  verb: string,
  description: string,
  act: (schedules: ScheduleService, id: string, flags: NoteFlags) => Promise<string>,
): Command {
  return serviceOptions(parent.command(verb))
    .description(description)
    .argument('<schedule-id>')
    .action(async (scheduleId: string, flags: NoteFlags) => {
      const effect = await withSchedules(flags, (schedules) => act(schedules, scheduleId, flags));
      answer(flags.json, { scheduleId, effect }, () => `${scheduleId}: ${effect}`);
    });
}

function registerTrigger(parent: Command): void {
  serviceOptions(parent.command('trigger'))
    .description('begin a show now; exit 1 when the overlap policy skips it')
    .argument('<schedule-id>')
    .action(async (scheduleId: string, flags: ServiceFlags) => {
      const triggered = await withSchedules(flags, (schedules) => schedules.trigger(scheduleId));
      answer(flags.json, { scheduleId, ...triggered }, () => `${scheduleId}: ${effectOf(triggered)}`);
      if (triggered.outcome === 'skipped') throw new FailedResult('skipped');
    });
}

function effectOf(triggered: Triggered): string {
  switch (triggered.outcome) {
    case 'started':
      return `begun as ${triggered.key}`;
    case 'skipped':
      return 'not begun: the show before is not over, and the overlap policy is skip';
    case 'buffered':
      return 'begins when the show before is over';
    case 'requested':
      return 'sent to Temporal, which has not reported the outcome yet; `describe` shows it';
  }
}

export const registerSchedule = (program: Command): void => {
  const parent = program.command('schedule').description('recurring shows');
  registerDefinition(parent, 'create', 'make a recurring show');
  registerDefinition(parent, 'update', 'set a recurring show anew; it stays paused if it is');
  serviceOptions(parent.command('list'))
    .description('recurring shows')
    .option('--limit <n>', 'at most this many', positive, 50)
    .action(async (flags: ServiceFlags & { limit: number }) => {
      const found = await withSchedules(flags, (service) => listSchedules(service, flags.limit));
      const { schedules, unreadable, hasMore } = found;
      const isEmpty = schedules.length + unreadable.length === 0;
      answer(flags.json, schedules, () => (isEmpty ? 'no schedules' : schedules.map(scheduleLine)));
      for (const { key, reason } of unreadable) say(`showcaller: the schedule ${key} cannot be read: ${reason}`);
      if (hasMore) say('showcaller: there are more schedules: raise --limit');
    });
  timeOptions(serviceOptions(parent.command('describe')))
    .description('one recurring show, its next five instants, what it began lately')
    .argument('<schedule-id>')
    .action(async (scheduleId: string, flags: ServiceFlags & TimeFlags) => {
      const found = await withSchedules(flags, (schedules) => schedules.describe(scheduleId));
      answer(flags.json, found, () => scheduleLines(found).map(timesOf(flags).inTexts));
    });
  const noted = (command: Command) => byOption(command).option('--note <text>', 'why; kept with who');
  noted(
    registerAction(parent, 'pause', 'begin no show until it is resumed', async (schedules, id, flags) => {
      await schedules.pause(id, flags);
      return 'paused; shows that go on are not touched';
    }),
  );
  noted(
    registerAction(parent, 'resume', 'go on; shows in between are not made up for', async (schedules, id, flags) => {
      await schedules.resume(id, flags);
      return 'resumed';
    }),
  );
  registerTrigger(parent);
  registerAction(parent, 'delete', 'begin no further show', async (schedules, id) => {
    await schedules.delete(id);
    return 'deleted; shows that go on are not touched';
  });
  for (const command of [parent, ...parent.commands]) command.exitOverride();
};

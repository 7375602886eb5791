import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { failureTypes } from '../../../activities/contract.ts';
import type { ViewerGet } from '../../../activities/on-air/viewer.ts';
import { done, type VendorDriver } from '../../../vendors/driver.ts';
import type { Mutant } from './play.ts';

const inDriver = (change: (driver: VendorDriver) => Partial<VendorDriver>): Mutant => ({
  driver: (driver) => ({ ...driver, ...change(driver) }),
});

/** Mistakes that a developer could make in a driver or in the activities. They know no vendor. */
const brokenDrivers: Readonly<Record<string, Mutant>> = {
  'the clean-up takes an error for success': inDriver((driver) => ({
    cleanUp: (ref) => driver.cleanUp(ref).catch(() => done(undefined)),
  })),
  'the clean-up does not wait until the channel is gone': inDriver((driver) => ({
    cleanUp: async (ref) => {
      await driver.cleanUp(ref);
      return done(undefined);
    },
  })),
  'the channel gets the tag of another run': inDriver((driver) => ({
    allocate: (event) => driver.allocate({ ...event, workflowId: `${event.workflowId}-x` }),
  })),
  'the channel is opened again after the stop': inDriver((driver) => ({
    stop: async (channel, output) => {
      const progress = await driver.stop(channel, output);
      if (progress.done) await driver.start(channel).catch(() => {});
      return progress;
    },
  })),
  'a channel is made twice when the first answer is lost': inDriver((driver) => ({
    allocate: (event) =>
      driver.allocate(event).catch(async (error: unknown) => {
        await driver.allocate({ ...event, eventId: `${event.eventId}-again` });
        throw error;
      }),
  })),
  'the stop does not wait until the encoder is out': inDriver((driver) => ({
    stop: async (channel, output) => {
      const progress = await driver.stop(channel, output);
      return progress.done ? progress : done({ sessions: [] });
    },
  })),
  'the stop forgets the last session': inDriver((driver) => ({
    stop: async (channel, output) => {
      const progress = await driver.stop(channel, output);
      if (!progress.done) return progress;
      return done({ ...progress.value, sessions: progress.value.sessions.slice(0, -1) });
    },
  })),
  'a look that fails is taken for an absent encoder': inDriver((driver) => ({
    observe: (channel) => driver.observe(channel).catch(() => ({ encoder: 'absent', vendorState: 'unknown' })),
  })),
  'a reset stops the channel for good': inDriver((driver) => ({
    reset: async (channel) => {
      await driver.stop(channel);
      return done(undefined);
    },
  })),
  'the output is called made, and is not': inDriver(() => ({ createOutput: async () => done({ details: {} }) })),
  'the channel is called open before it is': inDriver((driver) => ({
    start: async (channel) => {
      await driver.start(channel);
      return done(undefined);
    },
  })),
  'the clean-up gives up after three attempts': {
    activities: (activities) => ({
      ...activities,
      cleanUp: async (ref) => {
        if (activityInfo().attempt <= 3) await activities.cleanUp(ref);
      },
    }),
  },
  'the stop is called done although the vendor refused it': {
    activities: (activities) => ({
      ...activities,
      stop: (input) =>
        activities.stop(input).catch((error: unknown) => {
          if (error instanceof ApplicationFailure && error.type !== failureTypes.notYet) return { sessions: [] };
          throw error;
        }),
    }),
  },
};

const inWorkflows = (pattern: RegExp, replacement: string): Mutant => ({
  code: (code) => code.replace(pattern, replacement),
});

/** Mistakes that a developer could make in workflows/, put into the bundle. */
const brokenWorkflows: Readonly<Record<string, Mutant>> = {
  'the report says released before the clean-up is done': inWorkflows(
    /await (unlessAbandoned\(run, ['"]clean-up['"])/,
    'void $1',
  ),
  'a cancellation of a live show is ignored': inWorkflows(
    /await (\S*followShow\)?\(run\));([\s\S]*?await )(\S+CancellationScope\.nonCancellable)/,
    'await $3(() => $1);$2$3',
  ),
  'a loss that lasts to the end is not reported': inWorkflows(
    /const loss = (\S+lossAtEnd)/,
    'const loss = false && $1',
  ),
  'the clean-up is not shielded from cancellation': inWorkflows(
    /await \S+CancellationScope\.nonCancellable\((async \(\)\s*=>\s*\{[^}]*?await \S+closeDown\)\(run\))/,
    'await ((work) => work())($1',
  ),
  'what viewers got before a freeze is forgotten': inWorkflows(
    /(if \(wasOnAir && state !== ['"]on-air['"]\))/,
    'if (false)',
  ),
  'a run does not release its budget': inWorkflows(/await (\S*releaseUses\)?\(run\))/, 'void run'),
  'a stop is not heeded during the show': inWorkflows(
    /run\.interrupts\.throwIfStopped\(\);(\s*const \{ endAt, lostUntil \})/,
    '$1',
  ),
};

/** Mistakes in what is asked as a viewer. */
const brokenViewers: Readonly<Record<string, Mutant>> = {
  'a cache gives viewers what it has for a minute': {
    get: (get) => {
      const cached = new Map<string, { at: number; answer: ReturnType<ViewerGet> }>();
      return (url, options) => {
        const known = cached.get(url);
        if (known && Date.now() - known.at < 60_000) return known.answer;
        const answer = get(url, options);
        cached.set(url, { at: Date.now(), answer });
        return answer;
      };
    },
  },
  'a playlist is called new at every look': {
    get: (get) => {
      let looks = 0;
      return async (url, options) => {
        const { body, ...answer } = await get(url, options);
        looks += 1;
        const text = Buffer.from(body)
          .toString()
          .replace(/(MEDIA-SEQUENCE:)\d+/, `$1${1_000_000 + looks}`);
        return { ...answer, body: Buffer.from(text) };
      };
    },
  },
  'a playlist that was gone is called new when it is there again': {
    get: (get) => {
      let absences = 0;
      return async (url, options) => {
        const { body, ...answer } = await get(url, options);
        if (answer.status === 404) absences += 1;
        const later = (number: string) => String(Number(number) + absences);
        const text = Buffer.from(body)
          .toString()
          .replace(/(?<=MEDIA-SEQUENCE:)\d+/, later);
        return { ...answer, body: Buffer.from(text) };
      };
    },
  },
  'a viewer asks at an address where nothing ever is': {
    get: (get) => async (url, options) => {
      await get(url, options);
      return { status: 404, body: new Uint8Array() };
    },
  },
};

/** Mistakes in what time it is. */
const brokenClocks: Readonly<Record<string, Mutant>> = {
  'an attempt that comes before its instant sets the clock': {
    clock: (clock) => {
      const begins = clock.attemptBegins.bind(clock);
      return Object.assign(clock, {
        attemptBegins: async () => {
          clock.learn(activityInfo().currentAttemptScheduledTimestampMs);
          await begins();
        },
      });
    },
  },
};

export const mutants: Readonly<Record<string, Mutant>> = {
  ...brokenDrivers,
  ...brokenWorkflows,
  ...brokenViewers,
  ...brokenClocks,
};

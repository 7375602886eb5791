import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FanOut } from '../../../api/streams/fan-out.ts';
import { TemporalService } from '../../../cli/service/temporal-service.ts';
import { type Board, Cards, type EventCard } from '../../../client/cards.ts';
import { ShowcallerClient } from '../../../client/client.ts';
import { VendorError, type VendorErrorKind } from '../../../domain/errors.ts';
import { pollerIdOf } from '../../../domain/ids.ts';
import { pollerPort } from '../../../worker/poller.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment, TestWorker } from '../environment-types.ts';

const second = 1_000;
const withinMs = 15 * second;
/** How long a driver waits for an answer that does not come. */
const inVainMs = 10 * second;
/** As the API's `pollMs`. */
const boardEveryMs = second;
/** Causes begin and end at several instants of the looks that see them. */
const offsets = Array.from({ length: 4 }, (_, index) => index * 2_700);
const lookEveryMs = 500;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** One vendor lists its live channels, the other answers for one at a time. */
const accounts = ['lists', 'asks'] as const;
type Trouble = VendorErrorKind | 'freeze';

let env: TestEnvironment;
let worker: TestWorker;
let events: Record<(typeof accounts)[number], string>;
let trouble: Trouble | undefined;
let isCut = false;
let board: { cards: readonly EventCard[]; failure?: unknown };
let endBoard: () => void;

const vendors = Object.fromEntries(accounts.map((account) => [account, new FakeVendor()]));

async function answer<T>(work: () => Promise<T>): Promise<T> {
  if (!trouble) return work();
  if (trouble === 'freeze') await pause(inVainMs);
  const kind = trouble === 'freeze' || trouble === undefined ? 'unavailable' : trouble;
  throw new VendorError({ kind, vendor: 'alibaba-oss', operation: 'Look', message: 'as the test asked' });
}

const activities = () => {
  const driver = async (_vendor: string, account: string) => {
    const own = vendors[account]?.driver(account);
    if (!own) throw new Error(`no account ${account}`);
    const { listLive } = own;
    return {
      ...own,
      observe: (...given: Parameters<typeof own.observe>) => answer(() => own.observe(...given)),
      ...(listLive && { listLive: () => answer(listLive) }),
    };
  };
  return activitiesOn(new FakeVendor(), {
    driver,
    accounts: () => [...accounts],
    poller: pollerPort(env.client, env.taskQueue),
  });
};

/** The client of the board and the command, whose connection to Temporal can be cut. */
function cuttable({ client, taskQueue }: TestEnvironment): ShowcallerClient {
  const { connection, options } = client;
  const workflowService = new Proxy(connection.workflowService, {
    get(target, name) {
      if (!isCut) return Reflect.get(target, name);
      const details = 'No connection established';
      return () => Promise.reject(Object.assign(new Error(`14 UNAVAILABLE: ${details}`), { code: 14, details }));
    },
  });
  const cut = new Client({ connection: { ...connection, workflowService } as never, namespace: options.namespace });
  return new ShowcallerClient(cut, { taskQueue });
}

beforeAll(async () => {
  env = await testEnvironment();
  (vendors.lists as FakeVendor).lists = true;
  worker = await env.work(activities());
  const waits = { firstConnect: '20h', encoderLost: '20h' };
  const plans = accounts.map((account) => planFor({ account, duration: '20h', waits }));
  events = { lists: plans[0]?.eventId ?? '', asks: plans[1]?.eventId ?? '' };
  await Promise.all(plans.map((plan) => env.showcaller.start(plan)));
  const client = cuttable(env);
  const cards = new Cards(client, 10 * second);
  const boards = new FanOut<Board>({ poll: () => cards.poll(), everyMs: boardEveryMs, isLast: () => false });
  endBoard = boards.watch('all', {
    changed: ({ value }) => {
      board = { cards: value.cards };
    },
    failed: (failure) => {
      board = { ...board, failure };
    },
  });
  await until(() => isWell(board) && board.cards.every(({ phase }) => phase === 'waiting-for-encoder'));
  for (const account of accounts) vendors[account]?.connect(`sc-${events[account]}`);
  await until(() => isWell(board) && board.cards.every(({ phase }) => phase === 'live'));
});
afterAll(async () => {
  endBoard();
  for (const account of accounts) {
    await env.client.workflow.getHandle(pollerIdOf(env.taskQueue, 'alibaba-oss', account)).terminate();
    await env.client.workflow.getHandle(`live-event/${events[account]}`).terminate();
  }
  await env.close();
});

type Shown = { cards: readonly EventCard[]; failure?: unknown };

const isStale = ({ conditions = [] }: EventCard): boolean => conditions.some(({ name }) => name === 'stale');
const isWell = (shown: Shown | undefined): boolean =>
  shown !== undefined && !shown.failure && shown.cards.length === accounts.length && !shown.cards.some(isStale);
/** Every event is shown as not seen, or the whole of it as not up to date. */
const isSeen = (shown: Shown): boolean => shown.failure !== undefined || shown.cards.every(isStale);

/** What one `showcaller list` says: each is a process of its own, which knows nothing of the one before. */
async function listed(): Promise<Shown> {
  try {
    const service = new TemporalService(cuttable(env));
    const { events: summaries } = await service.page({ running: true, limit: 50 });
    return { cards: (await service.look(summaries)).rows };
  } catch (failure) {
    return { cards: [], failure };
  }
}

interface Took {
  board: number;
  list: number;
}

/** How long after now the board, and the command that is typed again and again, show what they should. */
async function shownAfter(isSo: (shown: Shown) => boolean): Promise<Took> {
  const from = performance.now();
  const after = async (look: () => Promise<boolean> | boolean): Promise<number> => {
    while (!(await look())) await pause(lookEveryMs);
    return Math.round(performance.now() - from);
  };
  const [onBoard, inList] = await Promise.all([after(() => isSo(board)), after(async () => isSo(await listed()))]);
  return { board: onBoard, list: inList };
}

const causes: Record<string, { begin: () => void; end: () => Promise<void> | void }> = {
  'a worker that is killed': {
    begin: () => worker.kill(),
    end: async () => {
      worker = await env.work(activities());
    },
  },
  'a vendor that throttles every call': vendorIs('throttled'),
  'credentials that are revoked': vendorIs('unauthorized'),
  'a vendor that answers nothing': vendorIs('freeze'),
  'a Temporal that is cut off': {
    begin: () => {
      isCut = true;
    },
    end: () => {
      isCut = false;
    },
  },
};

function vendorIs(what: Trouble): { begin: () => void; end: () => void } {
  return {
    begin: () => {
      trouble = what;
    },
    end: () => {
      trouble = undefined;
    },
  };
}

describe('board and list show within 15 s, and show the end of within 15 s', () => {
  it.each(Object.keys(causes))('%s', async (cause) => {
    const { begin, end } = causes[cause] ?? {};
    const took: { seen: Took; ended: Took }[] = [];
    for (const offset of offsets) {
      await pause(10 * second + offset);
      await until(() => isWell(board));
      begin?.();
      const seen = await shownAfter(isSeen);
      await pause(offset);
      await end?.();
      const ended = await shownAfter(isWell);
      took.push({ seen, ended });
    }
    const isLate = (ms: number) => ms > withinMs;
    expect(
      took.filter(({ seen, ended }) => [seen, ended].some(({ board, list }) => isLate(board) || isLate(list))),
    ).toEqual([]);
  });
});

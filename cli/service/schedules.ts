import { NoSuchScheduleError } from '../../client/errors.ts';
import type { ScheduleInput } from '../../client/schedules/input.ts';
import type { ShowcallerSchedules, Triggered } from '../../client/schedules/schedules.ts';
import type {
  SchedulePage,
  SchedulePageRequest,
  ScheduleReport,
  UnreadableSchedule,
} from '../../client/schedules/view.ts';
import { eventKey, partsOfKey } from '../../domain/ids.ts';
import { userHere } from '../user-here.ts';
import { type ApiConnection, answerAbout } from './api-connection.ts';
import { parametersOf, pathTo, tenantQuery } from './api-paths.ts';

/** Who, and why. */
export interface Note {
  by?: string;
  note?: string;
}

/** What the commands do with recurring shows, each named by its key: through Temporal itself, or through the API. */
export interface ScheduleService {
  create(key: string, input: ScheduleInput): Promise<ScheduleReport>;
  update(key: string, input: ScheduleInput): Promise<ScheduleReport>;
  page(request: SchedulePageRequest): Promise<SchedulePage>;
  describe(key: string): Promise<ScheduleReport>;
  pause(key: string, note: Note): Promise<void>;
  resume(key: string, note: Note): Promise<void>;
  trigger(key: string): Promise<Triggered>;
  delete(key: string): Promise<void>;
}

/** Temporal keeps one note of a schedule, the newest. */
const noteOf = (done: string, { by = userHere(), note }: Note): string =>
  note === undefined ? `${done} by ${by}` : `${by}: ${note}`;

export class TemporalSchedules implements ScheduleService {
  readonly #schedules: ShowcallerSchedules;

  constructor(schedules: ShowcallerSchedules) {
    this.#schedules = schedules;
  }

  create(key: string, input: ScheduleInput): Promise<ScheduleReport> {
    return this.#schedules.forTenant(partsOfKey(key).tenant).create(input);
  }

  update(key: string, input: ScheduleInput): Promise<ScheduleReport> {
    return this.#schedules.forTenant(partsOfKey(key).tenant).update(input);
  }

  page(request: SchedulePageRequest): Promise<SchedulePage> {
    return this.#schedules.page(request);
  }

  describe(key: string): Promise<ScheduleReport> {
    return this.#schedules.describe(key);
  }

  pause(key: string, note: Note): Promise<void> {
    return this.#schedules.pause(key, noteOf('paused', note));
  }

  resume(key: string, note: Note): Promise<void> {
    return this.#schedules.resume(key, noteOf('resumed', note));
  }

  trigger(key: string): Promise<Triggered> {
    return this.#schedules.trigger(key);
  }

  delete(key: string): Promise<void> {
    return this.#schedules.delete(key);
  }
}

/** The API names a schedule by its id, for the tenant of the token or of the query. */
type ShownSchedule = Omit<ScheduleReport, 'key'>;

type ShownPage = Omit<SchedulePage, 'schedules'> & { schedules: ShownSchedule[] };

/** As many as a page of the API holds. */
const mostOfAPage = 200;

export interface ListedSchedules {
  schedules: ScheduleReport[];
  unreadable: UnreadableSchedule[];
  hasMore: boolean;
}

/** The first recurring shows. A full page names a next one also where that is empty: one more is asked for. */
export async function listSchedules(service: Pick<ScheduleService, 'page'>, limit: number): Promise<ListedSchedules> {
  const schedules: ScheduleReport[] = [];
  const unreadable: UnreadableSchedule[] = [];
  let cursor: string | undefined;
  do {
    const left = limit + 1 - schedules.length - unreadable.length;
    const page = await service.page({ limit: Math.min(left, mostOfAPage), cursor });
    schedules.push(...page.schedules);
    unreadable.push(...(page.unreadable ?? []));
    cursor = page.cursor;
  } while (cursor !== undefined && schedules.length + unreadable.length <= limit);
  const hasMore = schedules.length + unreadable.length > limit;
  return { schedules: schedules.slice(0, limit), unreadable, hasMore };
}

/** Through the API: its caller may do what the roles of a token allow. */
export class ApiSchedules implements ScheduleService {
  readonly #api: ApiConnection;

  constructor(api: ApiConnection) {
    this.#api = api;
  }

  async create(key: string, input: ScheduleInput): Promise<ScheduleReport> {
    const made = await this.#api.post<ShownSchedule>(`/v1/schedules${tenantQuery(key)}`, input);
    return keyed(made, partsOfKey(key).tenant);
  }

  async update(key: string, input: ScheduleInput): Promise<ScheduleReport> {
    return keyed(await this.#about<ShownSchedule>(key, 'PUT', '', input), partsOfKey(key).tenant);
  }

  async page(request: SchedulePageRequest): Promise<SchedulePage> {
    const page = await this.#api.get<ShownPage>(`/v1/schedules?${parametersOf({ ...request })}`);
    return { ...page, schedules: page.schedules.map((one) => keyed(one, undefined)) };
  }

  async describe(key: string): Promise<ScheduleReport> {
    return keyed(await this.#about<ShownSchedule>(key, 'GET'), partsOfKey(key).tenant);
  }

  async pause(key: string, note: Note): Promise<void> {
    await this.#about(key, 'POST', '/actions/pause', wordsOf('paused', note));
  }

  async resume(key: string, note: Note): Promise<void> {
    await this.#about(key, 'POST', '/actions/resume', wordsOf('resumed', note));
  }

  async trigger(key: string): Promise<Triggered> {
    const triggered = await this.#about<Triggered>(key, 'POST', '/actions/trigger', wordsOf('begun by hand', {}));
    if (triggered.outcome !== 'started') return triggered;
    return { ...triggered, key: eventKey(triggered.eventId, partsOfKey(key).tenant) };
  }

  async delete(key: string): Promise<void> {
    await this.#about(key, 'DELETE');
  }

  #about<T>(key: string, method: string, part = '', body?: unknown): Promise<T> {
    const answer = this.#api.send<T>(method, pathTo('schedules', key, part), body);
    return answerAbout(answer, (options) => new NoSuchScheduleError(key, options));
  }
}

const keyed = (report: ShownSchedule, tenant: string | undefined): ScheduleReport => ({
  ...report,
  key: eventKey(report.scheduleId, report.plan.tenant ?? tenant),
});

/** The API wants a reason for everything, and puts the name of the token before it. */
const wordsOf = (done: string, { by, note = done }: Note) => ({
  reason: note,
  ...(by !== undefined && { onBehalfOf: by }),
});

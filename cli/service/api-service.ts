import { setTimeout as pause } from 'node:timers/promises';
import { cardOf, type EventCard, type SystemCard } from '../../client/cards.ts';
import { NoSuchEventError } from '../../client/errors.ts';
import type { Addresses } from '../../client/ingest-addresses.ts';
import { type EventPage, type EventSummary, identityOf, type PageRequest } from '../../client/listing.ts';
import type { viewOf } from '../../client/overview.ts';
import { notRunAgain } from '../../client/run-again.ts';
import type { Accepted } from '../../domain/actions.ts';
import type { Condition } from '../../domain/conditions/condition.ts';
import type { PendingStep } from '../../domain/conditions/pending-step.ts';
import { eventKey } from '../../domain/ids.ts';
import { inParallel } from '../../domain/in-parallel.ts';
import { isOver } from '../../domain/phases.ts';
import type { Plan } from '../../domain/plan.ts';
import type { EventStatus } from '../../domain/report.ts';
import { formatInstant } from '../../domain/time.ts';
import { UsageError } from '../io.ts';
import { PatientLook } from '../patient-look.ts';
import { type ApiConnection, answerAbout } from './api-connection.ts';
import { parametersOf, pathTo } from './api-paths.ts';
import type {
  ActionFields,
  ActionName,
  CheckedPlan,
  EventService,
  EventsSeen,
  PlannedEvent,
  Row,
  Started,
  Words,
} from './service.ts';

type ShownEvent = EventStatus & { conditions?: Condition[] };
type ListedEvent = Omit<EventSummary, 'key' | 'startsAt'> & { startsAt?: string };

const followMs = 1_000;
const atOnce = 8;
/** The rest of a list has no details: the API answers each caller a number of requests a minute. */
const mostAskedOneByOne = 100;

/** Through the API: its caller may do what the roles of a token allow. */
export class ApiService implements EventService {
  readonly #api: ApiConnection;

  constructor(api: ApiConnection) {
    this.#api = api;
  }

  async page({ query, scheduled: _, from, to, limit, ...filter }: PageRequest): Promise<EventPage> {
    if (query !== undefined)
      throw new UsageError(
        '--query is a filter of Temporal, and not offered by the API: use --from, --to and --search',
      );
    const asked = {
      ...filter,
      limit: Math.min(limit, 200),
      ...(from !== undefined && { from: formatInstant(from) }),
      ...(to !== undefined && { to: formatInstant(to) }),
    };
    const { events, cursor } = await this.#api.get<{ events: ListedEvent[]; cursor?: string }>(
      `/v1/events?${parametersOf(asked)}`,
    );
    return { events: events.map(summaryOf), ...(cursor !== undefined && { cursor }) };
  }

  async look(summaries: readonly EventSummary[]): Promise<EventsSeen> {
    const { rows, system } = await this.board();
    // The rows are those that were asked for, and not those of the board.
    const { notShown: _, ...seen } = system;
    const known = new Map(rows.map((row) => [identityOf(row), row]));
    const others = summaries.filter((one) => !known.has(identityOf(one)));
    await inParallel(others.slice(0, mostAskedOneByOne), atOnce, async (summary) => {
      known.set(identityOf(summary), await this.#rowOf(summary));
    });
    const unlooked = (summary: EventSummary): Row => ({
      ...rowOf(cardOf({ summary, conditions: [] })),
      isUnlooked: true,
    });
    return { rows: summaries.map((one) => known.get(identityOf(one)) ?? unlooked(one)), system: seen };
  }

  async #rowOf(summary: EventSummary): Promise<Row> {
    const { conditions = [], ...status } = await this.#event<ShownEvent>(summary.key);
    return rowOf(cardOf({ summary, status, conditions }));
  }

  async board(): Promise<EventsSeen> {
    const { events, system } = await this.#api.get<{ events: EventCard[]; system: SystemCard }>('/v1/overview');
    return { rows: events.map(rowOf), system };
  }

  async view(event: string): ReturnType<typeof viewOf> {
    const [{ conditions = [], ...status }, { steps }] = await Promise.all([
      this.#event<ShownEvent>(event),
      this.#event<{ steps: PendingStep[] }>(event, '/pending'),
    ]);
    return { status, pending: steps, conditions };
  }

  status(event: string): Promise<EventStatus> {
    return this.#event(event);
  }

  async result(event: string): Promise<EventStatus> {
    const patient = new PatientLook(event);
    for (;;) {
      const status = await patient.at(() => this.status(event));
      if (status && isOver(status.phase)) return status;
      await pause(followMs);
    }
  }

  check(plan: Plan): Promise<CheckedPlan> {
    return this.#api.post('/v1/plans/check', plan);
  }

  async there({ eventId, tenant }: PlannedEvent): Promise<string | undefined> {
    // An event of a tenant may have been started in its name space, or under its plain name.
    const keys = new Set([eventKey(eventId, tenant), eventId]);
    const found = await Promise.all([...keys].map((key) => this.#workflowStatus(key)));
    return (
      found.find((one) => one !== undefined && notRunAgain.includes(one)) ?? found.find((one) => one !== undefined)
    );
  }

  /** A run ends in Temporal as its phase says; the API names only the phase. */
  async #workflowStatus(event: string): Promise<string | undefined> {
    try {
      const { phase } = await this.status(event);
      return isOver(phase) ? phase.toUpperCase() : 'RUNNING';
    } catch (error) {
      if (error instanceof NoSuchEventError) return undefined;
      throw error;
    }
  }

  async start(plan: Plan, by: string | undefined): Promise<Started> {
    if (by !== undefined) throw new UsageError('--by: the API keeps the name of the token as who started an event');
    const created = await this.#api.post<Omit<Started, 'key'>>('/v1/events', plan);
    // The API itself refuses another plan under the same id.
    return { ...created, samePlan: true, key: eventKey(created.eventId, plan.tenant) };
  }

  act<Name extends ActionName>(name: Name, event: string, action: Words & ActionFields[Name]): Promise<Accepted> {
    const { by, ...fields } = action;
    const body = { ...fields, ...(by !== undefined && { onBehalfOf: by }) };
    return this.#about(event, this.#api.post<Accepted>(pathTo('events', event, `/actions/${name}`), body));
  }

  async vodRetry(): Promise<never> {
    throw new UsageError('--wait is not offered by the API: `showcaller status` shows the proof when it is there');
  }

  ingest(event: string): Promise<Addresses> {
    return this.#event(event, '/ingest');
  }

  #event<T>(event: string, part = ''): Promise<T> {
    return this.#about(event, this.#api.get<T>(pathTo('events', event, part)));
  }

  #about<T>(event: string, answer: Promise<T>): Promise<T> {
    return answerAbout(answer, (options) => new NoSuchEventError(event, options));
  }
}

const summaryOf = ({ startsAt, ...one }: ListedEvent): EventSummary => ({
  ...one,
  key: eventKey(one.eventId, one.tenant),
  ...(startsAt !== undefined && { startsAt: new Date(startsAt) }),
});

const rowOf = (card: EventCard): Row => ({ key: eventKey(card.eventId, card.tenant), ...card });

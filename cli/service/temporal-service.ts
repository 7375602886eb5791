import { Cards, cardOf, systemCardOf } from '../../client/cards.ts';
import type { ShowcallerClient } from '../../client/client.ts';
import { type Addresses, ingestAddresses } from '../../client/ingest-addresses.ts';
import type { EventPage, EventSummary, PageRequest } from '../../client/listing.ts';
import { Overview, type ViewedEvent, viewOf } from '../../client/overview.ts';
import type { Accepted } from '../../domain/actions.ts';
import type { Channel } from '../../domain/channel.ts';
import { eventKeyOf, runKeyOf } from '../../domain/ids.ts';
import { messageOf } from '../../domain/message-of.ts';
import type { Plan } from '../../domain/plan.ts';
import type { EventStatus, VodRetry } from '../../domain/report.ts';
import { cuesOf } from '../../domain/timeline.ts';
import { ingestEndpoints } from '../../vendors/ingest.ts';
import { accountsHere } from '../accounts.ts';
import { userHere } from '../user-here.ts';
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

const answerMs = 10_000;

/** Through Temporal itself: its caller may do everything. */
export class TemporalService implements EventService {
  readonly #client: ShowcallerClient;
  readonly #overview: Overview;
  readonly #cards: Cards;

  constructor(client: ShowcallerClient) {
    this.#client = client;
    this.#overview = new Overview(client, answerMs);
    this.#cards = new Cards(client, answerMs);
  }

  page(request: PageRequest): Promise<EventPage> {
    return this.#client.page(request);
  }

  async look(summaries: readonly EventSummary[]): Promise<EventsSeen> {
    const { events, system } = await this.#overview.look(summaries);
    return { rows: events.map(rowOf), system: systemCardOf(system) };
  }

  async board(): Promise<EventsSeen> {
    const { events, system } = await this.#cards.look();
    return { rows: events.map(rowOf), system };
  }

  view(event: string): ReturnType<typeof viewOf> {
    return viewOf(this.#client, event);
  }

  status(event: string): Promise<EventStatus> {
    return this.#client.status(event);
  }

  result(event: string): Promise<EventStatus> {
    return this.#client.result(event);
  }

  async check(plan: Plan): Promise<CheckedPlan> {
    const prepared = this.#client.check(plan);
    return { ...prepared, allocatesAt: cuesOf(prepared, {}).allocateAt };
  }

  there(event: PlannedEvent): Promise<string | undefined> {
    return this.#client.there(event);
  }

  async start(plan: Plan, by: string | undefined): Promise<Started> {
    const handle = await this.#client.start(plan, { createdBy: by ?? userHere() });
    return { ...handle, key: eventKeyOf(handle.workflowId) ?? handle.eventId };
  }

  act<Name extends ActionName>(name: Name, event: string, action: Words & ActionFields[Name]): Promise<Accepted> {
    const given: Words & Partial<ActionFields[ActionName]> = action;
    return acts[name](this.#client, event, { ...given, by: action.by ?? userHere() } as SignedWords &
      ActionFields[Name]);
  }

  vodRetry(event: string): Promise<VodRetry | undefined> {
    return this.#client.vodRetry(event);
  }

  async ingest(event: string): Promise<Addresses> {
    const { workflowStatus } = await this.#client.summary(event);
    const endpointsOf = async (channel: Channel) => ingestEndpoints(accountsHere().drivers, channel);
    const asked = { event, workflowStatus, endpointsOf, reasonOf: messageOf, withinMs: answerMs };
    return ingestAddresses(this.#client, asked);
  }
}

type SignedWords = Words & { by: string };
type Act<Fields> = (client: ShowcallerClient, event: string, action: SignedWords & Fields) => Promise<Accepted>;

const acts: { [Name in ActionName]: Act<ActionFields[Name]> } = {
  stop: (client, event, action) => client.stopNow(event, action),
  extend: (client, event, action) => client.extend(event, action),
  reschedule: (client, event, action) => client.reschedule(event, action),
  'skip-wait': (client, event, action) => client.skipWait(event, action),
  reset: (client, event, action) => client.resetEncoder(event, action),
  switch: (client, event, action) => client.switchLeg(event, action),
  'retry-vod': (client, event, action) => client.retryVod(event, action),
  'abandon-cleanup': (client, event, action) => client.abandonCleanup(event, action),
  cancel: (client, event, { leg, ...action }) => client.cancel(runKeyOf(event, leg), action),
};

const rowOf = (event: ViewedEvent): Row => ({ key: event.summary.key, ...cardOf(event) });

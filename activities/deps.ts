import type { BookingRules } from '../domain/booking/request.ts';
import type { VendorDriver } from '../vendors/driver.ts';
import type { HttpClient } from '../vendors/http.ts';
import type { BlankDetector } from './on-air/blank.ts';
import type { ViewerGet } from './on-air/viewer.ts';
import type {
  AttemptId,
  BookingsPort,
  BudgetsPort,
  EarlierRunPort,
  LegsPort,
  PlannedPort,
  PollerPort,
  SweepPort,
} from './ports.ts';
import type { Decode } from './proof/media/ffmpeg.ts';
import type { RunClock } from './run-clock.ts';
import type { Subscriber } from './webhooks/subscriber.ts';

/** Everything that activities need from the worker process. */
export interface ActivityDeps {
  /** Temporal's time. Instants of runs are compared with no other clock. */
  clock: RunClock;
  /** The driver of a configured account; throws a `VendorError` that names what to configure. */
  driver(vendor: string, account: string): Promise<VendorDriver>;
  /** The configured accounts of a vendor that a plan of this tenant may use. */
  accounts(vendor: string, tenant: string | undefined): string[];
  /** Every secret of the configuration: none may leave in a failure. */
  secrets(): string[];
  /** Multiplies every wait; 1 in production, less in rehearsals and tests. */
  timeScale: number;
  /** How long after the stop a final recording may fail its proof before it is called unproved. Milliseconds. */
  proofGraceMs: number;
  /** Finds what decodes a sample of a recording; without it no recording is decoded. */
  decoder?: () => Promise<Decode | undefined>;
  /** Makes runs look whose channel changed; without it every run asks the vendor itself. */
  poller?: PollerPort;
  /** Asks for playlists and segments as a player does; without it the poller does not look at what viewers get. */
  viewer?: ViewerGet;
  /** Looks for black pictures and silence in what viewers get; absent where no ffmpeg is to be used. */
  blank?: BlankDetector;
  /** Finds the run that an event's new run continues; without it no show is joined under way. */
  earlierRun?: EarlierRunPort;
  /** Whether Temporal still waits for an attempt; without it every attempt is taken for one under way. */
  isUnderWay?(attempt: AttemptId): Promise<boolean>;
  /** How the sweep learns whether a resource's run is alive; without it nothing is swept. */
  sweep?: SweepPort;
  /** The accounts to sweep. */
  allAccounts(): { vendor: string; account: string }[];
  /** How actions of operators reach the runs of legs; without it events with legs refuse them. */
  legs?: LegsPort;
  /** Where runs book what they use; without it nothing is booked. */
  bookings?: BookingsPort;
  /** How conflicts of bookings are decided. */
  bookingRules(vendor: string, account: string): BookingRules;
  /** Without it no tenant has a budget. */
  budgets?: BudgetsPort;
  /** Counts the events of ours that hold channels of an account at the same time; without it that is unknown. */
  planned?: PlannedPort;
  /** Subscribers of webhooks. */
  subscribers: readonly Subscriber[];
  /** To subscribers; drivers have their own. */
  http: HttpClient;
  /** Aborted when this worker stops: a poller, which has no end, then ends its attempt so that another worker continues. */
  stopping: AbortSignal;
}

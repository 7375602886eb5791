import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { NoticeActivities } from '../../activities/contract.ts';
import type { Notice, NoticeReceiver, NoticesReport, ReceiverReport } from '../../domain/webhooks/webhook.ts';
import { told } from '../failure.ts';

export interface NoticesInput {
  eventId: string;
  receivers: NoticeReceiver[];
  /** The first to tell; more come by signal. */
  notices: Notice[];
}

export const tellSignal = defineSignal<[Notice[]]>('tell');

/** The server clips the delays that `deliver` asks for to `maximumInterval`. */
const deliverAs = (activityId: string, summary: string) =>
  proxyActivities<NoticeActivities>({
    activityId,
    summary,
    // One call to the receiver, and perhaps some to the vendor before it.
    startToCloseTimeout: '60s',
    retry: { initialInterval: '5s', backoffCoefficient: 1, maximumInterval: '15h' },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  }).deliver;

/** What a report still names of all that was given up. */
const mostNamed = 20;

/**
 * Brings the notices of one run to their receivers, each in order, none waiting for another. Ends when the last notice
 * of the run has arrived or was given up; fails, with its report, when one was given up.
 */
export async function liveEventNotices({ eventId, receivers, notices }: NoticesInput): Promise<NoticesReport> {
  const lanes = receivers.map((receiver) => new Lane(receiver, () => setCurrentDetails(detailsOf(lanes))));
  let last: Notice | undefined;
  const tell = (more: readonly Notice[]) => {
    for (const notice of more) for (const lane of lanes) lane.add(notice);
    last = more.at(-1) ?? last;
  };
  setHandler(tellSignal, (more) => tell(more));
  tell(notices);

  // When the run is over, however that came about, its notices are asked to end; what is still to be told is told.
  await CancellationScope.nonCancellable(async () => {
    for (const lane of lanes) void lane.drain();
  });
  try {
    await condition(() => last?.type === 'ended');
  } catch (error) {
    if (!isCancellation(error)) throw error;
    if (last && last.type !== 'ended') tell([cutOff(last)]);
  }
  await CancellationScope.nonCancellable(() => condition(() => lanes.every(({ idle }) => idle)));
  return concluded({ eventId, receivers: Object.fromEntries(lanes.map(({ name, report }) => [name, report])) });
}

/** The notices for one receiver, one after the other. */
class Lane {
  readonly report: ReceiverReport = { delivered: 0, givenUp: [], givenUpCount: 0 };
  readonly #receiver: NoticeReceiver;
  readonly #waiting: Notice[] = [];
  readonly #onChange: () => void;
  #busy = false;

  constructor(receiver: NoticeReceiver, onChange: () => void) {
    this.#receiver = receiver;
    this.#onChange = onChange;
  }

  get waiting(): number {
    return this.#waiting.length + (this.#busy ? 1 : 0);
  }

  get name(): string {
    return this.#receiver.name;
  }

  get idle(): boolean {
    return this.waiting === 0;
  }

  add(notice: Notice): void {
    if (this.report.gone === undefined && this.#receiver.types.includes(notice.type)) this.#waiting.push(notice);
  }

  /** Goes on for as long as the workflow does. */
  async drain(): Promise<never> {
    for (;;) {
      await condition(() => this.#waiting.length > 0);
      const notice = this.#waiting.shift();
      if (!notice) continue;
      this.#busy = true;
      this.#onChange();
      await this.#deliver(notice);
      this.#busy = false;
      this.#onChange();
    }
  }

  async #deliver(notice: Notice): Promise<void> {
    const { name, report } = this;
    try {
      const deliver = deliverAs(`${name}-${notice.seq}`, `tell ${name}: ${notice.type}`);
      const delivery = await deliver({ receiver: name, notice });
      if (delivery.outcome === 'delivered') report.delivered += 1;
      else if (delivery.outcome === 'not-wanted') this.#giveUp(notice, delivery.reason);
      else {
        report.gone = delivery.reason;
        this.#waiting.length = 0;
      }
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      this.#giveUp(notice, told(error).message);
    }
  }

  #giveUp({ seq, type }: Notice, reason: string): void {
    const { report } = this;
    report.givenUpCount += 1;
    report.givenUp = [...report.givenUp, { seq, type, reason }].slice(-mostNamed);
  }
}

/** The run ended without saying so: terminated, or its notices were cancelled by hand. Which, nobody here can tell. */
function cutOff(last: Notice): Notice {
  const runId = last.id.slice(0, last.id.lastIndexOf('/'));
  const seq = last.seq + 1;
  const message = 'nothing more is told: the run, or its notices alone, were ended from outside; ask for its status';
  const data = { ...last.data, warning: 'cut-off', message };
  return { id: `${runId}/${seq}-cut-off`, seq, type: 'warning', at: Date.now(), data };
}

const summaryOf = ([name, { delivered, givenUpCount, gone }]: [string, ReceiverReport]): string =>
  `${name}: ${delivered} delivered, ${givenUpCount} given up${gone === undefined ? '' : `, gone (${gone})`}`;

/** For the Temporal UI, whose box hides the last line. */
function detailsOf(lanes: readonly Lane[]): string {
  const lines = lanes.map(({ name, report, waiting }) => `- ${summaryOf([name, report])}, ${waiting} waiting`);
  return `${lines.join('\n')}\n\n\u00a0\n`;
}

function concluded(report: NoticesReport): NoticesReport {
  const lost = Object.values(report.receivers).some(({ givenUpCount }) => givenUpCount > 0);
  if (!lost) return report;
  throw ApplicationFailure.create({
    type: 'undelivered',
    message: `not everything was delivered: ${Object.entries(report.receivers).map(summaryOf).join('; ')}`,
    details: [report],
    nonRetryable: true,
  });
}

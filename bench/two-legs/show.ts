import { createActivities } from '../../activities/index.ts';
import { ShowcallerClient } from '../../client/client.ts';
import { acceptsEncoder } from '../../domain/phases.ts';
import type { LegStart } from '../../domain/plan.ts';
import type { EventStatus } from '../../domain/report.ts';
import { startEncoder } from '../../simulators/kit/encoder.ts';
import type { FaultsHarness } from '../../test/simulation/faults/faults-harness.ts';
import type { Simulation } from '../../test/simulation/temporal/simulation.ts';
import { driverContext } from '../../test/support/accounts.ts';
import type { Accounts } from '../../vendors/accounts.ts';
import { driversOf } from '../../vendors/drivers.ts';
import { ingestEndpoints } from '../../vendors/ingest.ts';
import { legsPort } from '../../worker/legs.ts';
import { pollerPort } from '../../worker/poller.ts';
import { viewerGet } from '../../worker/viewer.ts';
import { pause } from '../stand.ts';

const minute = 60_000;
export const showMs = 6 * minute;
const lookEveryMs = 500;
const eventId = 'bench';

/** One show of two legs, each with an encoder that sends whenever its leg takes it. */
export class TwoLegs {
  readonly #showcaller: ShowcallerClient;
  readonly #accounts: Accounts;
  readonly #vendors: Record<'main' | 'backup', string>;
  readonly #over = new AbortController();

  constructor(
    simulation: Simulation,
    { main, backup }: Record<'main' | 'backup', FaultsHarness>,
    vendorOf: Record<'main' | 'backup', string>,
  ) {
    const { client, taskQueue } = simulation;
    const all = [
      { vendor: vendorOf.main, account: main.account },
      { vendor: vendorOf.backup, account: backup.account },
    ];
    const namesFor = (vendor: string) => all.filter((one) => one.vendor === vendor).map(({ account }) => account.name);
    this.#vendors = vendorOf;
    this.#accounts = {
      get: (vendor, name) => all.find((one) => one.vendor === vendor && one.account.name === name)?.account,
      names: namesFor,
      namesFor,
      all: () => all,
      secrets: () => [],
    };
    this.#showcaller = new ShowcallerClient(client, { taskQueue });
    simulation.work(
      createActivities({
        http: driverContext.http,
        driver: driversOf(this.#accounts, driverContext),
        accounts: namesFor,
        secrets: () => [],
        timeScale: 1,
        proofGraceMs: minute,
        poller: pollerPort(client, taskQueue),
        viewer: viewerGet(driverContext.http),
        legs: legsPort(client),
      }),
    );
  }

  async play(start: LegStart, lostAfterMs?: number): Promise<EventStatus> {
    const startsAt = Date.now() + 20 * minute;
    const { main, backup } = this.#vendors;
    await this.#showcaller.start({
      eventId,
      startsAt: new Date(startsAt).toISOString(),
      duration: `${showMs / 1_000}s`,
      legs: [
        { name: 'main', vendor: main, account: 'main' },
        { name: 'backup', vendor: backup, account: 'backup', start },
      ],
    });
    const encoders = [
      this.#send('main', lostAfterMs === undefined ? undefined : startsAt + lostAfterMs),
      this.#send('backup'),
    ];
    const report = await this.#showcaller.result(eventId);
    this.#over.abort();
    await Promise.all(encoders);
    return report;
  }

  async #send(leg: string, until?: number): Promise<void> {
    while (!this.#over.signal.aborted) {
      const encoder = await this.#connect(leg);
      if (encoder && until !== undefined) {
        await pause(until - Date.now());
        return void (await encoder.drop());
      }
      await encoder?.done;
      await pause(lookEveryMs);
    }
  }

  async #connect(leg: string) {
    const status = await this.#showcaller.status(`${eventId}@${leg}`).catch(() => undefined);
    if (!status?.channel || !acceptsEncoder(status.phase)) return undefined;
    const drivers = driversOf(this.#accounts, driverContext);
    const [endpoint] = await ingestEndpoints(drivers, status.channel).catch(() => []);
    return endpoint && startEncoder({ url: endpoint.url }).catch(() => undefined);
  }
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventStatus } from '../../../domain/report.ts';
import { type Knock, type PersistentEncoder, persistentEncoder } from '../../support/persistent-encoder.ts';
import { isProved, type Show, ShowHarness, vendorNames } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';

const airtimeMs = 3_000;
/** How often an encoder is sent away after everything is over. */
const lateKnocks = 15;

interface Knocked {
  show: Show;
  report: EventStatus;
  /** Every knock that came after the vendor had stopped the channel. */
  after: readonly Knock[];
  /** The playlists when the show was over, and after all the knocking. */
  then: string[];
  later: string[];
}

let harness: ShowHarness;
const encoders: PersistentEncoder[] = [];
const knocked = new Map<string, Knocked>();

/** What a player sees of the recording. */
async function playlistsOf({ vendor, account, vod }: EventStatus): Promise<string[]> {
  const driver = await harness.drivers(vendor, account);
  const files = await Promise.all(vod.map(({ url }) => driver.fetchVod(url)));
  return files.map(({ body }) => Buffer.from(body).toString());
}

/** A show whose encoder knows nothing of its end: thrown out, it knocks again, and again. */
async function knockedAt(show: Show): Promise<Knocked> {
  await show.reaches('waiting-for-encoder');
  const encoder = persistentEncoder(await show.ingestUrl());
  encoders.push(encoder);
  const { entered } = await show.reaches('live');
  await until(() => Date.now() - (entered.live ?? Number.POSITIVE_INFINITY) >= airtimeMs);
  await show.stopNow();
  const report = await show.result();
  const then = await playlistsOf(report);
  const from = encoder.knocks.length;
  await until(() => encoder.knocks.length >= from + lateKnocks);
  const stopped = report.stoppedAt ?? Number.POSITIVE_INFINITY;
  const after = encoder.knocks.filter(({ at }) => at > stopped);
  return { show, report, after, then, later: await playlistsOf(report) };
}

beforeAll(async () => {
  harness = await ShowHarness.open();
  await harness.work();
  await Promise.all(
    vendorNames.map(async (vendor) => knocked.set(vendor, await knockedAt(await harness.show(vendor)))),
  );
});
afterAll(async () => {
  await Promise.all(encoders.map((encoder) => encoder.stop()));
  await harness.close();
});

const refusals = ({ show, report }: Knocked): number =>
  harness.simulators.kit.log
    .entries({ vendor: show.vendor })
    .filter(({ at, operation, note }) => /publish|push/i.test(operation) && note && at > (report.stoppedAt ?? 0))
    .length;

describe.each(vendorNames)('an encoder that keeps knocking at %s', (vendor) => {
  const scene = () => {
    const found = knocked.get(vendor);
    if (!found) throw new Error(`no encoder tried to connect to ${vendor}`);
    return found;
  };

  it('is refused once the channel is stopped, through clean-up and after it', () => {
    const { after } = scene();
    expect(after.length).toBeGreaterThan(lateKnocks);
    expect(after.filter(({ letIn }) => letIn)).toEqual([]);
    expect(refusals(scene())).toBeGreaterThanOrEqual(lateKnocks);
  });

  it('does not keep the show from its end, nor its recording from its proof', () => {
    const { report } = scene();
    expect(report).toMatchObject({ endReason: 'stopped-by-operator', released: true, troubles: [] });
    expect(isProved(report), JSON.stringify(report, undefined, 1)).toBe(true);
    const lastSent = Math.max(...report.sessions.map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY), 0);
    expect(lastSent).toBeLessThanOrEqual(report.stoppedAt ?? 0);
  });

  it('brings back no channel, costs nothing, and adds nothing to the recording', () => {
    const { then, later } = scene();
    expect(harness.left(vendor)).toEqual([]);
    expect(harness.channelsMade(vendor)).toBe(1);
    expect(then.length).toBeGreaterThan(0);
    expect(later).toEqual(then);
  });
});

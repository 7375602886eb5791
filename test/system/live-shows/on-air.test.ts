import { setTimeout as pause } from 'node:timers/promises';
import { defaultPayloadConverter } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Viewer } from '../../../activities/on-air/viewer.ts';
import type { OnAirChange, OnAirState } from '../../../domain/on-air.ts';
import { viewedText } from '../../../domain/viewed.ts';
import { createHttp } from '../../../vendors/http.ts';
import { viewerGet } from '../../../worker/viewer.ts';
import { isProved, type Show, ShowHarness, vendorNames } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';

let harness: ShowHarness;
beforeAll(async () => {
  // On a shared server the pollers of other files look at these shows too, with accounts of other places.
  harness = await ShowHarness.open({ server: 'own' });
  await harness.work(0.1, { poller: true });
});
afterAll(() => harness.close());

/** What another viewer of the same stream sees, who asks ten times a second. All instants are of this process. */
class Bystander {
  firstAt: number | undefined;
  newestAt = 0;
  targetMs = 0;
  #slowestMs = 0;
  readonly #ended = new AbortController();
  readonly #done: Promise<void>;

  constructor(url: string, sign: (url: string) => Promise<string>) {
    const get = viewerGet(createHttp());
    const viewer = new Viewer({ url, get, sign, elapsed: () => performance.now() });
    this.#done = this.#watch(viewer);
  }

  async #watch(viewer: Viewer): Promise<void> {
    let seen: number | undefined;
    while (!this.#ended.signal.aborted) {
      const begunAt = performance.now();
      await viewer.look();
      this.#slowestMs = Math.max(this.#slowestMs, performance.now() - begunAt);
      const { progressAt, targetMs } = viewer.main;
      if (progressAt !== undefined && progressAt !== seen) {
        this.firstAt ??= Date.now();
        this.newestAt = Date.now();
        this.targetMs = targetMs;
      }
      seen = progressAt;
      await pause(100);
    }
  }

  /** Where one look takes so long, the machine is late: what it serves late is late for viewers, and no time says more. */
  get wasLate(): boolean {
    return this.#slowestMs > this.targetMs / 4;
  }

  async leave(): Promise<void> {
    this.#ended.abort();
    await this.#done;
  }
}

/** Every state that the run was signalled, in order, and how many events its history has. */
async function historyOf(show: Show) {
  const { events = [] } = await harness.env.client.workflow.getHandle(`live-event/${show.eventId}`).fetchHistory();
  const signals = (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => signal ?? []);
  const sent = signals
    .flatMap(({ input }) => input?.payloads ?? [])
    .map((one) => defaultPayloadConverter.fromPayload(one));
  const states = (sent as OnAirChange[]).map(({ state }) => state);
  const names = new Set(signals.map(({ signalName }) => signalName));
  return { names, states, why: JSON.stringify(sent, undefined, 1), events: events?.length ?? 0 };
}

const stateIs = (show: Show, wanted: OnAirState) =>
  until(async () => {
    const status = await harness.env.showcaller.status(show.eventId);
    return status.onAir?.state === wanted && status;
  });

describe.concurrent.each(vendorNames)('%s', (vendor) => {
  it.concurrent('viewers of a real encoder: known before it, on air, frozen, back; reported in this order', async () => {
    // The operator ends it, so that no slow machine has to be in time for its end.
    const show = await harness.show(vendor, { duration: '10m' });
    const { playback, channel, onAir } = await show.reaches('waiting-for-encoder');
    if (!channel) throw new Error('no channel');
    // Where viewers watch is known before the encoder comes.
    expect(playback?.hls).toMatch(/^https?:/);
    expect(onAir?.state ?? 'dark').toBe('dark');

    const driver = await harness.drivers(vendor, channel.ref.account);
    const bystander = new Bystander(playback?.hls ?? '', (url) => driver.viewerUrl(channel, url));
    await show.connect();
    const first = (await stateIs(show, 'on-air')).onAir;
    await until(() => bystander.firstAt !== undefined);
    expect(first?.firstSegmentAt).toBeDefined();

    harness.simulators.kit.faults.add(vendor, { operation: '*', kind: 'freeze' });
    const frozen = (await stateIs(show, 'frozen')).onAir;
    // How soon is held in virtual time (test/simulation/workflows/on-air, random shows): here the machine has its part in it.
    expect(frozen?.since).toBeGreaterThanOrEqual(bystander.newestAt);
    harness.simulators.kit.faults.clear(vendor);
    await stateIs(show, 'on-air');
    await bystander.leave();

    await show.stopNow();
    const report = await show.result();
    expect(isProved(report)).toBe(true);
    expect(viewedText(report)).toMatch(/^viewers got \d+\.\d of \d+\.\d s; the first segment came after /);
    const warnings = (report.warnings ?? []).map(({ warning }) => warning).filter((one) => one.startsWith('viewers-'));
    expect(warnings).toContain('viewers-frozen');
    const { names, states, events, why } = await historyOf(show);
    expect([...names]).toEqual(['onAir']);
    // A look that a slow machine cut off says nothing, and what it was before may be reported again.
    const known = states.filter((state) => state !== 'unknown');
    expect(known.filter((state, n) => state !== known[n - 1]).slice(0, 3), why).toEqual(['on-air', 'frozen', 'on-air']);
    if (bystander.wasLate) return;
    expect(warnings).toEqual(['viewers-frozen']);
    expect(states, why).toEqual(['on-air', 'frozen', 'on-air']);
    // A freeze and its end are four events each; a happy run has none.
    expect(events - 8).toBeLessThanOrEqual(80);
  });
});

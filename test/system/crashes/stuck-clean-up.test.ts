import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportLines } from '../../../cli/report-text.ts';
import type { PendingStep } from '../../../domain/conditions/pending-step.ts';
import type { EventStatus } from '../../../domain/report.ts';
import type { FaultKind } from '../../../simulators/kit/types.ts';
import { isProved, type Show, ShowHarness, vendorNames } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';
import { by } from './crashed-show.ts';

/** More than any test makes. */
const forEver = 1_000_000;
const triesSeen = 4;

interface Stuck {
  show: Show;
  status: EventStatus;
  stop: PendingStep;
}

/** A show on every vendor, whose vendor answers nothing but this from the moment its stop is asked for. */
class StuckCleanUp {
  readonly harness: ShowHarness;
  readonly shows = new Map<string, Stuck>();

  constructor(harness: ShowHarness) {
    this.harness = harness;
  }

  static async open(kind: FaultKind): Promise<StuckCleanUp> {
    const harness = await ShowHarness.open();
    await harness.work();
    const stuck = new StuckCleanUp(harness);
    await Promise.all(
      vendorNames.map(async (vendor) => stuck.shows.set(vendor, await stuck.#show(await harness.show(vendor), kind))),
    );
    return stuck;
  }

  async #show(show: Show, kind: FaultKind): Promise<Stuck> {
    const { env, simulators } = this.harness;
    await show.airs(3000);
    simulators.kit.faults.add(show.vendor, { operation: '*', kind, times: forEver });
    await show.stopNow();
    const stop = await until(async () => {
      const steps = await env.showcaller.pending(show.eventId);
      return steps.find(({ name, attempt, reason }) => name === 'stop' && attempt >= triesSeen && reason);
    });
    return { show, status: await env.showcaller.status(show.eventId), stop };
  }

  of(vendor: string): Stuck {
    const found = this.shows.get(vendor);
    if (!found) throw new Error(`nothing is stuck at ${vendor}`);
    return found;
  }
}

const troubles: [FaultKind, string][] = [
  ['unauthorized', 'its credentials are revoked'],
  ['unavailable', 'the vendor is down'],
];

describe.each(troubles)('a show that cannot be stopped, %s because %s', (kind) => {
  let stuck: StuckCleanUp;
  beforeAll(async () => {
    stuck = await StuckCleanUp.open(kind);
  });
  afterAll(() => stuck.harness.close());

  it.each(vendorNames)('is tried again and again on %s, and says why and what is billed', (vendor) => {
    const { status, stop } = stuck.of(vendor);
    expect(status).toMatchObject({ phase: 'stopping', released: false, endReason: 'stopped-by-operator' });
    expect(stop.reason).toContain(kind);
    const { id, name = '' } = status.channel?.ref ?? {};
    expect(reportLines(status).join('\n')).toContain(
      `not yet; still billed: ${id ?? name} at ${vendor} / default: not stopped yet`,
    );
  });

  if (kind === 'unauthorized') {
    it.each(vendorNames)('comes to its end on %s by itself once that is over', async (vendor) => {
      const { show } = stuck.of(vendor);
      stuck.harness.simulators.kit.faults.clear(vendor);
      const report = await show.result();
      expect(report).toMatchObject({ phase: 'completed', released: true });
      expect(reportLines(report).join('\n')).toContain('nothing billed is left');
      expect(isProved(report), JSON.stringify(report, undefined, 1)).toBe(true);
      expect(stuck.harness.left(vendor)).toEqual([]);
    });
  } else {
    it.concurrent.each(vendorNames)(
      'is ended on %s by an operator who takes over, and says what is left',
      async (vendor) => {
        const { show, status } = stuck.of(vendor);
        const { showcaller } = stuck.harness.env;
        await showcaller.abandonCleanup(show.eventId, by);
        // An attempt that was under way at that instant is waited for: a vendor that is back would let it stop the channel.
        await until(async () => (await showcaller.pending(show.eventId)).every(({ name }) => name !== 'stop'));
        // The vendor is back, but no run stops the channel any more: its encoder sends on, and is recorded.
        stuck.harness.simulators.kit.faults.clear(vendor);
        const report = await show.result();
        expect(report).toMatchObject({ released: false, left: status.channel?.ref });
        expect(report.audit.at(-1)).toMatchObject({ action: 'abandonCleanup', ...by });
        expect(reportLines(report).join('\n')).toMatch(/NO: .* to be released by hand/);
        expect(stuck.harness.leftOf(show).length).toBeGreaterThan(0);
      },
    );
  }
});

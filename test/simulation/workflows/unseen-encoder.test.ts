import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { VodAsset } from '../../../domain/channel.ts';
import type { Phase } from '../../../domain/phases.ts';
import type { Plan } from '../../../domain/plan.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { fakeVod } from '../../support/fake-vod.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import { by } from './workflows-harness.ts';

const second = 1000;
const minute = 60 * second;
const forEver = 1_000_000;

/** A show of an hour, with waits of two minutes, and the vendor that it is on. */
async function show(more: Partial<Plan> = {}) {
  const env = await testEnvironment();
  const vendor = new FakeVendor();
  await env.work(activitiesOn(vendor));
  const waits = { firstConnect: '2m', encoderLost: '2m' };
  const { eventId, ...plan } = planFor({ duration: '60m', waits, ...more });
  const status = () => env.showcaller.status(eventId);
  const name = `sc-${eventId}`;
  const run = {
    vendor,
    eventId,
    showcaller: env.showcaller,
    status,
    name,
    reaches: (phase: Phase) => until(async () => (await status().catch(() => undefined))?.phase === phase),
    fails: (kind: Parameters<FakeVendor['fail']>[1] = 'unavailable') => vendor.fail('observe', kind, forEver),
    async isUnseen() {
      const seen = await until(async () => {
        const now = await status().catch(() => undefined);
        return now && (warningOf(now) || now.endReason !== undefined) && now;
      });
      expect(seen.endReason).toBeUndefined();
    },
    connect: () => vendor.connect(name),
    async isLost() {
      await run.reaches('waiting-for-encoder');
      vendor.connect(name);
      await run.reaches('live');
      await pause(20 * second);
      vendor.disconnect(name);
      await run.reaches('encoder-lost');
    },
    result: () => env.showcaller.result(eventId),
    retried: () => env.client.workflow.getHandle(`live-event-vod/${eventId}`).result(),
    events: async () => (await env.client.workflow.getHandle(`live-event/${eventId}`).fetchHistory()).events ?? [],
    signal: (name: string, sent: object) => env.client.workflow.getHandle(`live-event/${eventId}`).signal(name, sent),
    [Symbol.asyncDispose]: () => env.close(),
  };
  return { ...run, start: () => env.showcaller.start({ eventId, ...plan }) };
}

const warningOf = ({
  warnings = [],
}: {
  warnings?: { at: number; warning: string; message: string; endedAt?: number }[];
}) => warnings.find(({ warning }) => warning === 'encoder-unseen');

describe.concurrent('a lost encoder, while the vendor does not answer', () => {
  it.each(['unavailable', 'throttled', 'unauthorized'] as const)(
    'is not given up: the show goes on to its end, and says that it is unknown (%s)',
    async (kind) => {
      await using event = await show();
      await event.start();
      await event.isLost();
      event.fails(kind);
      await pause(5 * second);
      event.connect();
      await event.signal('onAir', { state: 'on-air', at: Date.now() });
      await event.isUnseen();
      const before = await event.status();
      expect(before).toMatchObject({ phase: 'encoder-lost', nextCue: { what: 'end', at: before.endsAt } });
      const events = (await event.events()).length;
      const report = await event.result();
      expect(report).toMatchObject({ endReason: 'reached-end', phase: 'completed', released: true });
      expect((report.entered.stopping ?? 0) - report.endsAt).toBeLessThan(second);
      expect(report.endDetail).toMatch(/; whether the encoder was there then is unknown: .*as the test asked/);
      expect(JSON.stringify(report)).not.toContain('had not come back');
      expect(report.warnings?.map(({ warning }) => warning)).toEqual(['encoder-lost', 'encoder-unseen']);
      expect(warningOf(report)?.message).toMatch(/unknown: .*as the test asked; viewers get pictures; the show ends/);
      expect(report.windows).toHaveLength(2);
      expect(report.vod[0]?.proof.proved).toBe(true);
      // However long it lasts: one look, and what ends the show.
      expect((await event.events()).length).toBeLessThan(events + 40);
    },
  );

  it('is not given up where every look hangs: the wait ends within the last chance, the show at its end', async () => {
    await using event = await show();
    await event.start();
    await event.isLost();
    const { nextCue } = await event.status();
    event.vendor.looksAfter = new Promise(() => {});
    await event.isUnseen();
    const { warnings = [] } = await event.status();
    expect((warningOf({ warnings })?.at ?? 0) - (nextCue?.at ?? 0)).toBeLessThan(minute + second);
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'reached-end', released: true });
    expect((report.entered.stopping ?? 0) - report.endsAt).toBeLessThan(second);
    expect(report.endDetail).toMatch(/; whether the encoder was there then is unknown: .* no answer within /);
  });

  it('is not given up where a look hung up to the deadline, and the next one too', async () => {
    await using event = await show({ duration: '5m', waits: { firstConnect: '10m', encoderLost: '10m' } });
    await event.start();
    await event.isLost();
    const { endsAt } = await event.status();
    // The attempt that hangs when the show ends has little of its time left then.
    await pause(endsAt - Date.now() - 45 * second);
    event.vendor.looksAfter = new Promise(() => {});
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'reached-end', released: true });
    expect((report.entered.stopping ?? 0) - endsAt).toBeLessThan(minute + second);
    expect(report.endDetail).toMatch(/; whether the encoder was there then is unknown: .* no answer within /);
  });

  it('is live again once the vendor answers that it is back', async () => {
    await using event = await show();
    await event.start();
    await event.isLost();
    event.fails();
    await event.isUnseen();
    event.connect();
    event.vendor.recover();
    await event.reaches('live');
    const status = await event.status();
    expect(warningOf(status)).toMatchObject({ endedAt: expect.any(Number) });
    expect(await event.result()).toMatchObject({
      endReason: 'reached-end',
      endDetail: `the show ended at ${new Date(status.endsAt).toISOString()}`,
    });
  });

  it('is given up at the first look that sees its absence', async () => {
    await using event = await show();
    await event.start();
    await event.isLost();
    event.fails();
    await event.isUnseen();
    await pause(5 * minute);
    const backAt = Date.now();
    event.vendor.recover();
    const report = await event.result();
    expect(report.endReason).toBe('encoder-gone');
    expect(report.endDetail).toMatch(
      /had not come back at .* \(vendor says absent\); whether it came and left is unknown: looks failed from /,
    );
    expect((report.entered.stopping ?? 0) - backAt).toBeLessThan(minute);
  });

  it('is given up at the end of the wait although every look before it failed', async () => {
    await using event = await show();
    await event.start();
    await event.isLost();
    const { nextCue } = await event.status();
    event.fails();
    await pause((nextCue?.at ?? 0) - Date.now() - second);
    event.vendor.recover();
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'encoder-gone' });
    expect((report.entered.stopping ?? 0) - (nextCue?.at ?? 0)).toBeLessThan(second);
    expect(warningOf(report)).toBeUndefined();
  });

  it('is unknown at the end of the show, and no gap, where the vendor has no sessions', async () => {
    await using event = await show({ duration: '10m' });
    event.vendor.keepsSessions = false;
    await event.start();
    await event.isLost();
    event.fails();
    const report = await event.result();
    expect(report.gaps).toEqual([]);
    const message = expect.stringMatching(
      /^whether anything was sent for the last .* is unknown: the encoder was lost at /,
    );
    expect(report.warnings?.at(-1)).toMatchObject({ warning: 'ended-without-encoder', message });
  });

  it('lets an operator extend the show, which ends there', async () => {
    await using event = await show();
    await event.start();
    await event.isLost();
    event.fails();
    await event.isUnseen();
    const endsAt = (await event.status()).endsAt + 10 * minute;
    await event.showcaller.extend(event.eventId, { ...by, endsAt: new Date(endsAt).toISOString() });
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'reached-end', endsAt });
    expect((report.entered.stopping ?? 0) - endsAt).toBeLessThan(second);
    expect(report.warnings?.filter(({ warning }) => warning === 'encoder-unseen')).toHaveLength(1);
  });
});

describe.concurrent('an encoder that was never seen, while the vendor does not answer', () => {
  it('is not given up: the show goes on to its end, and what it recorded is proved', async () => {
    await using event = await show();
    event.fails();
    await event.start();
    await event.reaches('waiting-for-encoder');
    event.connect();
    await event.isUnseen();
    const status = await event.status();
    expect(status.nextCue).toEqual({ what: 'end', at: status.endsAt });
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'reached-end', phase: 'completed', vod: [{ proof: { proved: true } }] });
    expect(report.endDetail).toMatch(/; whether the encoder was there then is unknown: /);
    expect((report.entered.stopping ?? 0) - report.endsAt).toBeLessThan(second);
  });

  it('is given up at the first look that sees its absence', async () => {
    await using event = await show();
    event.fails();
    event.vendor.vod = () => [];
    await event.start();
    await event.isUnseen();
    event.vendor.recover();
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'encoder-never-connected' });
    expect(report.endDetail).toMatch(
      /^no encoder was seen from .* \(vendor says absent\); whether it came and left is unknown: looks failed from /,
    );
  });

  describe.each([
    ['that is over before the wait is', 60, '5m'],
    ['that outlasts the wait', 300, '2m'],
  ])('and that came and left in an outage %s', (_which, seconds, firstConnect) => {
    const cameAndLeft = async (more: (vendor: FakeVendor) => void) => {
      const event = await show({ waits: { firstConnect, encoderLost: '2m' } });
      more(event.vendor);
      await event.start();
      await event.reaches('waiting-for-encoder');
      await pause(10 * second);
      event.fails();
      await pause(30 * second);
      event.connect();
      await pause(20 * second);
      event.vendor.disconnect(event.name);
      await pause(seconds * second);
      event.vendor.recover();
      return event;
    };

    it('is known by the vendor’s sessions, and its recording is proved', async () => {
      await using event = await cameAndLeft(() => {});
      const report = await event.result();
      expect(report).toMatchObject({ endReason: 'encoder-gone', phase: 'completed', windows: [{}] });
      expect(report.endDetail).toMatch(
        /^the encoder came and left unseen: the vendor's sessions say that it sent from .* to .*; no encoder was seen/,
      );
      expect(report.vod[0]?.proof.proved).toBe(true);
    });

    it('is known by its recording, which is not proved, where the vendor keeps no sessions', async () => {
      await using event = await cameAndLeft((vendor) => {
        vendor.keepsSessions = false;
        vendor.vod = () => [fakeVod([{ from: 0, to: 20 * second }])];
      });
      const report = await event.result();
      expect(report).toMatchObject({ endReason: 'vod-unproved', vod: [{ proof: { proved: false } }] });
      expect(report.endDetail).toMatch(/by encoder-gone: the encoder came and left unseen: there is a recording of /);
    });

    it('is unknown where there is neither', async () => {
      await using event = await cameAndLeft((vendor) => {
        vendor.keepsSessions = false;
        vendor.vod = () => [];
      });
      const report = await event.result();
      expect(report).toMatchObject({ endReason: 'encoder-never-connected', phase: 'failed', released: true });
      expect(report.endDetail).toMatch(/; whether it came and left is unknown: looks failed from .* as the test asked/);
    });
  });

  it('does not end the show for its absence after an operator has skipped the wait', async () => {
    await using event = await show();
    event.fails();
    await event.start();
    await event.isUnseen();
    await event.showcaller.skipWait(event.eventId, by);
    await event.reaches('live');
    event.vendor.recover();
    expect(await event.result()).toMatchObject({ endReason: 'reached-end' });
  });

  it('is unknown, and not absent, where the wait for it lasts to the end of the show', async () => {
    await using event = await show({ duration: '5m', waits: { firstConnect: '10m' } });
    event.fails();
    await event.start();
    await event.reaches('waiting-for-encoder');
    event.connect();
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'reached-end', vod: [{ proof: { proved: true } }] });
    expect(report.endDetail).toMatch(/; whether the encoder was there then is unknown: /);
  });
});

describe.concurrent('a show whose encoder the vendor never showed, after an operator has skipped the wait', () => {
  const skipped = async (more: Partial<Plan> = {}) => {
    const event = await show({ duration: '5m', ...more });
    await event.start();
    await event.reaches('waiting-for-encoder');
    await event.showcaller.skipWait(event.eventId, by);
    await event.reaches('live');
    return event;
  };

  it('has its recording published, and proved against the whole show', async () => {
    await using event = await skipped();
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'reached-end', windows: [], vod: [{ proof: { proved: true } }] });
    const [{ expectedMs = 0 } = {}] = report.vod.map(({ proof }) => proof);
    expect(expectedMs).toBeGreaterThanOrEqual(report.endsAt - (report.entered['waiting-for-encoder'] ?? 0));
  });

  it.each<[string, () => VodAsset[]]>([
    ['nothing is recorded', () => []],
    ['a part is recorded', () => [fakeVod([{ from: 0, to: 60_000 }])]],
  ])('fails as not proved where %s, and can be tried again', async (_what, vod) => {
    await using event = await skipped();
    event.vendor.vod = vod;
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'vod-unproved', phase: 'failed', released: true });
    expect(report.vod).toHaveLength(vod().length);
    expect(report.endDetail).toMatch(/^no encoder was seen, and what it may have sent from the opening to the stop/);
    await event.showcaller.retryVod(event.eventId, by);
    await expect(event.retried()).rejects.toMatchObject({ cause: { type: 'vod-unproved' } });
  });

  it('publishes nothing where the plan or an operator wants no recording', async () => {
    await using unpublished = await skipped({ vod: { publish: false } });
    expect(await unpublished.result()).toMatchObject({ endReason: 'reached-end', vod: [] });
    await using discarded = await skipped();
    await discarded.showcaller.stopNow(discarded.eventId, { ...by, keepRecording: false });
    expect(await discarded.result()).toMatchObject({ endReason: 'stopped-by-operator', vod: [] });
    expect(unpublished.vendor.count('publishVod') + discarded.vendor.count('publishVod')).toBe(0);
  });
});

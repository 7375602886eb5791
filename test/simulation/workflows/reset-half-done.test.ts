import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Accepted, By } from '../../../domain/actions.ts';
import { VendorError, type VendorErrorKind } from '../../../domain/errors.ts';
import { createCaller } from '../../../vendors/call.ts';
import { done, notYet, type VendorDriver } from '../../../vendors/driver.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, driverWith, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import { by } from './workflows-harness.ts';

const second = 1000;
const output = { details: { number: 2 } };

/** A vendor whose reset closes the channel, and later opens it again and makes an output. */
class HalfWay extends FakeVendor {
  /** Until when it is down, and for how long from the moment in which it has closed the channel. */
  downUntil = 0;
  downForMs = 0;
  opensAgainAfterMs = 0;
  kind: VendorErrorKind = 'unavailable';
  readonly changes: string[] = [];
  #closedAt: number | undefined;

  reset: VendorDriver['reset'] = async ({ ref: { name } }, _output, isBack) => {
    this.#look(name);
    const made = this.channels.get(name);
    if (made?.open && this.#closedAt !== undefined) return done(output);
    if (made?.open && (await isBack?.())) return done(undefined);
    if (made?.open) {
      await this.#change('closed', () => this.disconnect(name));
      made.open = false;
      this.#closedAt = Date.now();
      this.downUntil = Date.now() + this.downForMs;
      return notYet('the encoder to be dropped', second);
    }
    if (Date.now() - (this.#closedAt ?? 0) < this.opensAgainAfterMs) return notYet('the channel to start', 2 * second);
    await this.#change('opened', () => made && Object.assign(made, { open: true }));
    return done(output);
  };

  stop(driver: VendorDriver): VendorDriver['stop'] {
    return (channel, made) => {
      this.changes.push('stopped');
      return driver.stop(channel, made);
    };
  }

  #look(name: string): void {
    if (Date.now() >= this.downUntil) return;
    throw new VendorError({ kind: this.kind, vendor: 'fake', operation: 'reset', resource: name, message: 'is down' });
  }

  readonly #call = createCaller('fake', 'default', () => ({ kind: 'unknown', message: 'fake' }), { hooks: {} });

  #change(what: string, act: () => void): Promise<void> {
    return this.#call({ operation: 'reset', mutates: true }, async () => {
      this.changes.push(what);
      act();
    });
  }
}

/** A show on air, half an hour long. */
async function onAir() {
  const env = await testEnvironment();
  const vendor = new HalfWay();
  await env.work(
    activitiesOn(vendor, {
      driver: driverWith(vendor, (driver) => ({ reset: vendor.reset, stop: vendor.stop(driver) })),
    }),
  );
  const plan = planFor({ duration: '1800s', waits: { firstConnect: '120s', encoderLost: '300s' } });
  const { eventId } = plan;
  const name = `sc-${eventId}`;
  await env.showcaller.start(plan);
  await until(() => vendor.channels.get(name)?.open);
  vendor.connect(name);
  const status = () => env.showcaller.status(eventId);
  await until(async () => (await status()).phase === 'live');
  const { executeUpdate } = env.client.workflow.getHandle(`live-event/${eventId}`);
  const reset = () =>
    executeUpdate<Accepted, [By]>('resetEncoder', { args: [by] }).then(
      ({ effect }) => effect,
      (error: Error) => String((error.cause as Error | undefined)?.cause ?? error),
    );
  const warned = async () => (await status()).warnings?.filter(({ warning }) => warning === 'step-slow');
  return { env, vendor, eventId, name, status, reset, warned };
}

it.each([
  ['the vendor is down for 40 s in the middle of it', { downForMs: 40 * second }, 'is down'],
  [
    'the vendor refuses in the middle of it',
    { downForMs: 40 * second, kind: 'unauthorized' } as const,
    'fake reset.*is down',
  ],
  ['the channel takes 45 s to open again', { opensAgainAfterMs: 45 * second }, 'it waited for the channel to start'],
])('a reset is finished although %s', async (_what, how, why) => {
  const { env, vendor, eventId, name, status, reset, warned } = await onAir();
  Object.assign(vendor, how);
  const askedAt = Date.now();
  const answer = await reset();
  expect(Date.now() - askedAt).toBeLessThanOrEqual(30 * second);
  expect(answer).toMatch(/^the reset is not done: /);
  expect(answer).toMatch(new RegExp(why));
  expect((await status()).audit).toMatchObject([{ action: 'resetEncoder' }]);
  expect(await warned()).toMatchObject([{ message: expect.stringMatching(why) }]);
  expect((await warned())?.[0]?.ended).toBeUndefined();
  await until(() => vendor.channels.get(name)?.open);
  vendor.connect(name);
  await until(async () => (await status()).output?.details.number === 2);
  expect(await warned()).toMatchObject([{ ended: 'the channel is open and recording again' }]);
  const report = await env.showcaller.result(eventId);
  expect(report).toMatchObject({ endReason: 'reached-end', output, audit: [{ action: 'resetEncoder' }] });
  expect(vendor.changes).toEqual(['closed', 'opened', 'stopped']);
  await env.close();
});

it('a reset that changed nothing is refused after 30 s, and is none', async () => {
  const { env, vendor, eventId, status, reset, warned } = await onAir();
  vendor.downUntil = Date.now() + 40 * second;
  expect(await reset()).toMatch('is down');
  expect({ audit: (await status()).audit, warned: await warned() }).toEqual({ audit: [], warned: undefined });
  await pause(60 * second);
  await env.showcaller.stopNow(eventId, { ...by, keepRecording: false });
  await env.showcaller.result(eventId);
  expect(vendor.changes).toEqual(['stopped']);
  await env.close();
});

it.each(['stopped', 'cancelled'] as const)('a reset that is half done ends where the show is %s', async (how) => {
  const { env, vendor, eventId, reset, warned } = await onAir();
  vendor.downForMs = 120 * second;
  expect(await reset()).toMatch(/^the reset is not done/);
  if (how === 'stopped') await env.showcaller.stopNow(eventId, { ...by, keepRecording: false });
  else await env.showcaller.cancel(eventId);
  expect(await env.showcaller.result(eventId)).toMatchObject({ released: true });
  expect(await warned()).toMatchObject([{ ended: 'the show is being stopped' }]);
  expect(vendor.changes).toEqual(['closed', 'stopped']);
  await env.close();
});

import { expect } from 'vitest';
import type { Channel, EventSpec, LiveWindow } from '../../../../domain/channel.ts';
import { workflowIdOf } from '../../../../domain/ids.ts';
import { startEncoder } from '../../../../simulators/kit/encoder.ts';
import { createKit } from '../../../../simulators/kit/kit.ts';
import type { RunningSimulator, SimulatorKit, SimulatorOptions } from '../../../../simulators/kit/types.ts';
import { volcengineLiveSimulator } from '../../../../simulators/volcengine-live/index.ts';
import { fieldsOf } from '../../../../vendors/account-variables.ts';
import type { VendorDriver } from '../../../../vendors/driver.ts';
import type { Account } from '../../../../vendors/manifest.ts';
import { createDriver } from '../../../../vendors/volcengine-live/driver.ts';
import { volcengineLive } from '../../../../vendors/volcengine-live/index.ts';
import { driverContext } from '../../../support/accounts.ts';
import { finish, untilPasses } from '../../../support/until.ts';

export interface Rehearsal {
  kit: SimulatorKit;
  sim: RunningSimulator;
  driver: VendorDriver;
  /** A driver of the same account with some settings changed. */
  driverWith(settings: Record<string, string>): VendorDriver;
}

/** A simulated account with our driver on it. */
export async function rehearse(options: SimulatorOptions = {}): Promise<Rehearsal> {
  const kit = createKit();
  const sim = await volcengineLiveSimulator.start(kit, { slowness: 0, ...options });
  const driverWith = (settings: Record<string, string>) => createDriver(accountOf(sim, settings), driverContext);
  return { kit, sim, driver: driverWith({}), driverWith };
}

/** The account as the worker resolves it: the environment over the fallbacks. */
export function accountOf(sim: RunningSimulator, changed: Record<string, string> = {}): Account {
  const settings: Record<string, string> = {};
  for (const { key, fallback } of fieldsOf(volcengineLive)) {
    const variable = `${volcengineLive.envPrefix}_${key.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase()}`;
    const value = changed[key] ?? sim.env[variable] ?? fallback;
    if (value !== undefined) settings[key] = value;
  }
  return { name: 'default', settings };
}

export function eventOf(eventId: string, changed: Partial<EventSpec> = {}): EventSpec {
  const now = Date.now();
  return {
    eventId,
    workflowId: workflowIdOf(eventId),
    title: 'A show',
    vendor: 'volcengine-live',
    account: 'default',
    startsAt: now,
    endsAt: now + 3_600_000,
    hardEndsAt: now + 4 * 3_600_000,
    standby: false,
    sources: [],
    options: {},
    ...changed,
  };
}

export const opened = async (driver: VendorDriver, event: EventSpec): Promise<Channel> => {
  const channel = await finish(() => driver.allocate(event));
  await finish(() => driver.start(channel));
  return channel;
};

export async function pushUrlOf(driver: VendorDriver, channel: Channel): Promise<string> {
  const [endpoint] = await driver.ingest(channel);
  if (!endpoint) throw new Error('no ingest endpoint');
  return endpoint.url;
}

export const encoderOn = async ({ driver }: Rehearsal, channel: Channel) => (await driver.observe(channel)).encoder;

/** Sends long enough for whole segments; the window as the run would have seen it. */
export async function sentTo(rehearsal: Rehearsal, channel: Channel, seconds = 4.5): Promise<LiveWindow> {
  const from = Date.now();
  const encoder = await startEncoder({ url: await pushUrlOf(rehearsal.driver, channel), seconds });
  expect((await encoder.done).reason).toBe('finished');
  await untilPasses(async () => expect(await encoderOn(rehearsal, channel)).toBe('absent'));
  return { from, to: Date.now() };
}

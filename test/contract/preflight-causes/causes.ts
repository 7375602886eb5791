import type { EventSpec } from '../../../domain/channel.ts';
import { workflowIdOf } from '../../../domain/ids.ts';
import type { PlannedAtOnce, PreflightCheck } from '../../../domain/preflight.ts';
import type { Encoder } from '../../../simulators/kit/encoder.ts';
import type { ContractHarness, ContractHarnessOptions } from '../contract-harness.ts';
import { reach } from '../reach.ts';
import { push, untilEncoder } from '../show.ts';

export const hour = 3_600_000;

/** One thing that is wrong with an account or with a plan, and what the preflight must say of it. */
export interface Cause {
  what: string;
  harness?: ContractHarnessOptions;
  event?: Partial<EventSpec>;
  planned?: PlannedAtOnce;
  /** Puts it there, before the preflight; an encoder goes on until its end. */
  plant?: (harness: ContractHarness, event: EventSpec) => Promise<Encoder | undefined>;
  check: PreflightCheck;
  message: RegExp;
  advice: RegExp;
}

/** Another event has the name: its channel is made by a run of another workflow. */
export const takeName = async ({ driver }: ContractHarness, event: EventSpec): Promise<undefined> => {
  await reach(() => driver.allocate({ ...event, workflowId: workflowIdOf('another') }));
};

/** An earlier run of the event has left its channel open, and an encoder sends to it. */
export async function sendAlready({ driver }: ContractHarness, event: EventSpec): Promise<Encoder> {
  const channel = await reach(() => driver.allocate(event));
  await reach(() => driver.start(channel));
  const encoder = await push(driver, channel);
  await untilEncoder(driver, channel, 'connected');
  return encoder;
}

export const denied = (action: string, advice: RegExp): Cause => ({
  what: `the permission ${action} is missing`,
  harness: { denied: [action] },
  check: 'permission',
  message: new RegExp(action.replace(/^(ivs|oss|live):/, '').replace(/.*mediaservices\//, '')),
  advice,
});

export const skewed = (skewMs: number, message: RegExp): Cause => ({
  what: `the clocks differ by ${skewMs} ms`,
  plant: async ({ kit, manifest }) => {
    kit.faults.add(manifest.name, { operation: '*', kind: 'skewed', times: 100, skewMs });
  },
  check: 'clock',
  message,
  advice: /time server/,
});

export const ends = (inMs: number, lastsMs = hour): Partial<EventSpec> => {
  const endsAt = Date.now() + inMs;
  return { startsAt: endsAt - lastsMs, endsAt, hardEndsAt: endsAt + hour };
};

export const nowhere = 'http://127.0.0.1:9';

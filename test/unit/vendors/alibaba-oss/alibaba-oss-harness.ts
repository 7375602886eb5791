import type { Channel, EventSpec } from '../../../../domain/channel.ts';
import { alibabaOssSimulator } from '../../../../simulators/alibaba-oss/index.ts';
import { createKit } from '../../../../simulators/kit/kit.ts';
import type { SimulatorOptions } from '../../../../simulators/kit/types.ts';
import { createDriver } from '../../../../vendors/alibaba-oss/driver.ts';
import { settingsOf } from '../../../../vendors/alibaba-oss/options.ts';
import { createSdk } from '../../../../vendors/alibaba-oss/sdk.ts';
import type { VendorDriver } from '../../../../vendors/driver.ts';
import { driverContext } from '../../../support/accounts.ts';
import { finish } from '../../../support/until.ts';

/** A simulator, a driver on it, and the vendor's own calls for looking behind the driver's back. */
export async function openHarness(options: SimulatorOptions = {}) {
  const kit = createKit();
  const sim = await alibabaOssSimulator.start(kit, { slowness: 0, ...options });
  const settings = (changed: Record<string, string> = {}): Record<string, string> => ({
    ...Object.fromEntries(Object.entries(sim.env).map(([name, value]) => [camelCase(name), value])),
    timeoutMs: '20000',
    ...changed,
  });
  const account = (changed?: Record<string, string>) => ({ name: 'default', settings: settings(changed) });
  return {
    kit,
    sim,
    driver: createDriver(account(), driverContext),
    driverWith: (changed: Record<string, string>): VendorDriver => createDriver(account(changed), driverContext),
    oss: createSdk(settingsOf(account()), driverContext),
    calls: (operation: string) => kit.log.entries({ operation }),
    close: () => sim.close(),
  };
}

const camelCase = (variable: string): string =>
  variable
    .replace('ALIBABA_OSS_', '')
    .toLowerCase()
    .replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

const hardEndsAt = Date.now() + 12 * 3_600_000;

export const eventOf = (eventId: string, options: EventSpec['options'] = {}): EventSpec => ({
  eventId,
  workflowId: `live-event/${eventId}`,
  title: 'A show',
  vendor: 'alibaba-oss',
  account: 'default',
  startsAt: 0,
  endsAt: 0,
  hardEndsAt,
  standby: false,
  sources: [],
  options,
});

export async function opened(driver: VendorDriver, event: EventSpec): Promise<Channel> {
  const channel = await finish(() => driver.allocate(event));
  await finish(() => driver.start(channel));
  return channel;
}

export async function publishUrl(driver: VendorDriver, channel: Channel): Promise<string> {
  const [endpoint] = await driver.ingest(channel);
  if (!endpoint) throw new Error('the driver gave no ingest endpoint');
  return endpoint.url;
}

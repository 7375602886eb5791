import { afterEach, beforeEach } from 'vitest';
import { type Encoder, startEncoder } from '../../../../simulators/kit/encoder.ts';
import { createKit } from '../../../../simulators/kit/kit.ts';
import type { RunningSimulator, SimulatorKit, SimulatorModule } from '../../../../simulators/kit/types.ts';
import { volcengineLiveSimulator } from '../../../../simulators/volcengine-live/index.ts';
import { type Call, clientOf } from '../../../support/volcengine-live-client.ts';

export const page = { PageNum: 1, PageSize: 10 };

/** A simulator for each test of the file, its client, and encoders that end with the test. */
export function simulatorOfEachTest() {
  let kit: SimulatorKit;
  let sim: RunningSimulator;
  let call: Call;
  const encoders: Encoder[] = [];

  async function begin(slowness = 0, module: SimulatorModule = volcengineLiveSimulator): Promise<void> {
    await sim?.close();
    kit = createKit();
    sim = await module.start(kit, { slowness });
    call = clientOf(sim.client);
  }
  beforeEach(() => begin());
  afterEach(async () => {
    await Promise.all(encoders.splice(0).map((encoder) => encoder.stop()));
    await sim.close();
  });

  const stream = () => ({ Vhost: sim.client.vhost, App: 'live', Stream: 'show' });
  return {
    begin,
    call: ((...args) => call(...args)) as Call,
    kit: () => kit,
    sim: () => sim,
    stream,
    async pushUrl(Stream = 'show', more: Record<string, unknown> = {}): Promise<string> {
      const { result } = await call('GeneratePushURL', { ...stream(), Stream, Domain: sim.client.pushDomain, ...more });
      return String((result.PushURLList as string[])[0]);
    },
    async encode(url: string, seconds?: number): Promise<Encoder> {
      const encoder = await startEncoder({ url, ...(seconds && { seconds }) });
      encoders.push(encoder);
      return encoder;
    },
    stateOf: async (Stream = 'show') =>
      (await call('DescribeLiveStreamState', { ...stream(), Stream }, 'GET')).result.stream_state,
    list: async (action: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>[]> =>
      (await call(action, { ...page, ...params }, 'GET')).result.StreamInfoList as Record<string, unknown>[],
  };
}

import { describe, expect, it } from 'vitest';
import type { SimulatorModule, SimulatorOptions } from '../../../simulators/kit/types.ts';
import { startSimulators } from '../../../simulators/start.ts';
import { closing } from './kit/kit-harness.ts';

/** Modules that note how they were started and closed. */
function modules(...vendors: string[]) {
  const started: Record<string, SimulatorOptions> = {};
  const closed: string[] = [];
  const made = vendors.map(
    (vendor): SimulatorModule => ({
      vendor,
      start: async (_kit, options) => {
        if (vendor === 'broken') throw new Error('the port is taken');
        started[vendor] = options;
        return {
          vendor,
          env: { [`${vendor.toUpperCase()}_KEY`]: vendor },
          client: {},
          resources: () => [],
          billed: () => [],
          made: () => ({}),
          close: async () => {
            closed.push(vendor);
          },
        };
      },
    }),
  );
  return { modules: made, started, closed };
}

describe('starting the simulators', () => {
  it('starts all, merges their environment, and closes all', async () => {
    const { modules: two, started, closed } = modules('a', 'b');
    const all = closing(await startSimulators({ modules: two, slowness: 0, portsFrom: 11 }));
    expect(started).toEqual({
      a: { host: '127.0.0.1', slowness: 0, port: 11, rtmpPort: 12 },
      b: { host: '127.0.0.1', slowness: 0, port: 13, rtmpPort: 14 },
    });
    expect(all.env).toEqual({ A_KEY: 'a', B_KEY: 'b' });
    expect(all.controlUrl).toBeUndefined();
    await all.close();
    await all.close();
    expect(closed.sort()).toEqual(['a', 'b']);
  });

  it('starts only those that are named', async () => {
    const { modules: two, started } = modules('a', 'b');
    closing(await startSimulators({ modules: two, vendors: ['b'] }));
    expect(started).toEqual({ b: { host: '127.0.0.1', slowness: undefined } });
  });

  it('refuses a vendor without a simulator, and a host others can reach', async () => {
    const { modules: two } = modules('a', 'b');
    await expect(startSimulators({ modules: two, vendors: ['a', 'x'] })).rejects.toThrow(
      'no simulator of x; there are: a, b',
    );
    await expect(startSimulators({ modules: two, host: '0.0.0.0' })).rejects.toThrow('loopback only');
  });

  it('leaves nothing running when one cannot start', async () => {
    const { modules: two, closed } = modules('a', 'broken');
    await expect(startSimulators({ modules: two })).rejects.toThrow('the port is taken');
    expect(closed).toEqual(['a']);
  });

  it('opens the control interface when it is asked for', async () => {
    const { modules: one } = modules('a');
    const all = closing(await startSimulators({ modules: one, control: true }));
    const response = await fetch(`${all.controlUrl}/simulators`);
    expect(await response.json()).toEqual([{ vendor: 'a', env: { A_KEY: 'a' }, client: {} }]);
    await all.close();
    await expect(fetch(`${all.controlUrl}/simulators`)).rejects.toThrow('fetch failed');
  });
});

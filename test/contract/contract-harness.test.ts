import { describe, expect, it } from 'vitest';
import { type Heard, recorded } from '../../certify/recorded-calls.ts';
import { keysIn, leaksIn, secretsOf } from '../../certify/secrets.ts';
import { VendorError } from '../../domain/errors.ts';
import { fieldsOf } from '../../vendors/account-variables.ts';
import { vendors } from '../../vendors/registry.ts';
import { withHarness } from './contract-harness.ts';
import { differences, type Trace } from './faults.ts';
import { reach } from './reach.ts';

const [manifest] = vendors;
if (!manifest) throw new Error('there is no vendor');

const failing = (kind: 'throttled' | 'unauthorized') => () => {
  throw new VendorError({ kind, vendor: 'any', operation: 'Any', message: 'as the test asked' });
};

describe('the contract suite itself', () => {
  it('sees one more made, one more left and one more owned', () => {
    const trace: Trace = { made: { channel: 1 }, left: [], owned: [] };
    expect(differences(trace, { made: { channel: 1 }, left: [], owned: [] })).toEqual([]);
    const other = { made: { channel: 2 }, left: ['channel, billed'], owned: ['x'] };
    expect(differences(trace, other)).toHaveLength(3);
  });

  it('hears a secret in a result and in a failure, and does not repeat it', async () => {
    const heard: Heard = { calls: [], endpoints: [] };
    const secret = 'a-very-secret-word';
    const loose = {
      allocate: async () => ({ key: secret }),
      start: async () => {
        throw new VendorError({ kind: 'unknown', vendor: 'any', operation: 'Any', message: `no ${secret}` });
      },
    };
    // Only the two methods that are called.
    const driver = recorded(loose as unknown as Parameters<typeof recorded>[0], heard);
    await Reflect.apply(driver.allocate, driver, []);
    await Reflect.apply(driver.start, driver, []).catch(() => undefined);
    const leaks = leaksIn(heard.calls, new Set([secret]));
    expect(leaks).toEqual(['a result of allocate', 'a failure of start']);
  });

  it.each(vendors)('knows the secrets of $name', (one) =>
    withHarness(one, {}, async ({ account }) => {
      const given = fieldsOf(one).filter(({ key, secret }) => secret && account.settings[key]);
      expect(secretsOf(one, account, []).size).toBe(new Set(given.map(({ key }) => account.settings[key])).size);
      expect(given.length).toBeGreaterThan(0);
    }),
  );

  it('finds the key in a push URL, in the path or the query', () => {
    expect(keysIn('rtmp://host:1935/app/sk_us-west-2_abcdefghijkl')).toEqual(['sk_us-west-2_abcdefghijkl']);
    expect(keysIn('rtmp://host/live/sc-show-1?Expires=1700000000&Signature=Zm9vYmFyYmF6%3D')).toContain(
      'Zm9vYmFyYmF6=',
    );
  });

  it('fails a harness whose driver leaks a secret', async () => {
    const scene = withHarness(manifest, {}, async ({ heard, account }) => {
      const secret = fieldsOf(manifest).find((field) => field.secret && account.settings[field.key]);
      heard.calls.push({ method: 'observe', text: `{"word":"${account.settings[secret?.key ?? '']}"}` });
    });
    await expect(scene).rejects.toThrow('leaks secrets in a result of observe');
  });

  it('gives up where the activities would, and goes on where they would', async () => {
    let asked = 0;
    await expect(reach(async () => failing('unauthorized')())).rejects.toThrow('unauthorized');
    const throttledOnce = async () => {
      asked += 1;
      return asked === 1 ? failing('throttled')() : ({ done: true, value: asked } as const);
    };
    expect(await reach(throttledOnce)).toBe(2);
    await expect(reach(() => Promise.reject(new TypeError('a bug')))).rejects.toThrow(TypeError);
  });
});

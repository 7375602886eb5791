import { afterEach, describe, expect, it, vi } from 'vitest';
import { HeldToken } from '../../../../vendors/azure-media-services/token.ts';
import { openHarness, refOf, vendor } from '../../../support/azure-media-services-harness.ts';

const minute = 60_000;

afterEach(() => void vi.useRealTimers());

/** A token an hour long, at each question another one. */
function held() {
  const time = { elapsed: 0, issued: 0 };
  const token = new HeldToken(
    async () => {
      time.issued += 1;
      return { token: `token-${time.issued}`, lastsMs: 60 * minute };
    },
    () => time.elapsed,
  );
  return { token, time, text: async () => (await token.getToken()).token };
}

describe('a token that is held', () => {
  it('is renewed a minute before its hour is over, whatever the clock of this machine', async () => {
    const { text, time } = held();
    vi.useFakeTimers({ now: Date.now() + 60 * minute, toFake: ['Date'] });
    expect(await text()).toBe('token-1');
    vi.useRealTimers();
    time.elapsed = 58 * minute;
    expect(await text()).toBe('token-1');
    time.elapsed = 59 * minute;
    expect(await text()).toBe('token-2');
  });

  it('is asked for once by calls at the same time, and again after a failure', async () => {
    const { text, time } = held();
    expect(await Promise.all([text(), text(), text()])).toEqual(['token-1', 'token-1', 'token-1']);
    expect(time.issued).toBe(1);
    let fails = true;
    const failing = new HeldToken(async () => {
      if (fails) throw new Error('no sign-in');
      return { token: 'x', lastsMs: 60 * minute };
    });
    await expect(failing.getToken()).rejects.toThrow('no sign-in');
    fails = false;
    expect((await failing.getToken()).token).toBe('x');
  });

  it('is not used again once the vendor refused it', async () => {
    const w = await openHarness({}, { flavour: 'ravnur' });
    const driver = w.driver({ authMode: 'ravnur', token: '' });
    const asked = () => w.kit.log.entries().filter(({ operation }) => operation === 'Auth_Token').length;
    const released = () => driver.cleanUp(refOf('x'));
    await released();
    await released();
    expect(asked()).toBe(1);
    w.kit.faults.add(vendor, { operation: '*', kind: 'unauthorized' });
    await released();
    await released();
    expect(asked()).toBe(2);
  });
});

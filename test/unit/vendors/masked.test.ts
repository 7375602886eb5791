import { inspect } from 'node:util';
import { CancelledFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { VendorError } from '../../../domain/errors.ts';
import { masked } from '../../../vendors/masked.ts';

const key = 'hush-Kf93hQ2lWm';
const secrets = [key, 'short', 'stadium'];

const refused = () =>
  new VendorError(
    {
      kind: 'unauthorized',
      vendor: 'v',
      operation: 'GetThing',
      resource: `thing?key=${key}`,
      message: `${key} is wrong, short`,
      code: `Wrong${key}`,
      requestId: key,
      advice: `correct ${encodeURIComponent(key)}`,
    },
    { cause: Object.assign(new TypeError(`asked with ${key}`, { cause: new Error(key) }), { request: { key } }) },
  );

async function thrownBy(call: () => unknown): Promise<VendorError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof VendorError) return error;
  }
  throw new Error('nothing was refused');
}

describe('what speaks to a vendor', () => {
  it.each([
    [
      'at once',
      () => {
        throw refused();
      },
    ],
    [
      'later',
      async () => {
        throw refused();
      },
    ],
  ])('says no secret in a failure that it throws %s, nor in what caused it', async (_when, fail) => {
    const error = await thrownBy(() => masked({ fail }, secrets).fail());
    expect(inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error.facts)).not.toContain(key);
    // What is shorter than six characters is a word of many texts.
    expect(error.facts).toMatchObject({ kind: 'unauthorized', message: '*** is wrong, short', advice: 'correct ***' });
    expect(error.message).toContain('GetThing on thing?…: unauthorized (Wrong***): *** is wrong');
    expect(error.cause).toMatchObject({ name: 'TypeError', message: 'asked with ***' });
    expect(error.stack).toContain('masked.test.ts');
  });

  it('throws as it is what is not of a vendor: a cancellation is known by itself', async () => {
    const cancelled = new CancelledFailure('the show is cancelled');
    const { fail } = masked({ fail: () => Promise.reject(cancelled) }, secrets);
    await expect(fail()).rejects.toBe(cancelled);
  });

  it('keeps the names by which the support of a vendor finds a request', async () => {
    const facts = { kind: 'unknown', vendor: 'v', operation: 'GetThing', message: 'no' } as const;
    const requestId = '20230604110420010225139009013C3A7C';
    const fail = () =>
      Promise.reject(new VendorError({ ...facts, requestId, code: 'Refused/Token/9f8a7c6b5d4e3f2a1b0c' }));
    const error = await thrownBy(() => masked({ fail }, secrets).fail());
    expect(error.facts).toMatchObject({ requestId, code: 'Refused/Token/9f8a7c6b5d4e3f2a1b0c' });
  });

  it('says no half of a secret with white space at the place where long words are cut', async () => {
    const phrase = 'correct horse\nbattery staple';
    const facts = { kind: 'unknown', vendor: 'v', operation: 'GetThing' } as const;
    const [message, name] = [980, 180].map((length) => `${'no '.repeat(length / 3)}${phrase} ${'so '.repeat(40)}`);
    const fail = () =>
      Promise.reject(new VendorError({ ...facts, message: message ?? '', code: name ?? '', requestId: name ?? '' }));
    const error = await thrownBy(() => masked({ fail }, [phrase]).fail());
    expect(inspect(error, { depth: 20 }) + JSON.stringify(error.facts)).not.toMatch(/correct|horse|battery|staple/);
    expect(error.facts.message.length).toBeLessThanOrEqual(1000);
    expect(error.facts.code?.length).toBeLessThanOrEqual(200);
  });

  it('is short in a failure, also where the vendor said megabytes', async () => {
    const message = 'the name is wrong, '.repeat(300_000);
    const cause = new Error(message);
    const facts = { kind: 'unknown', vendor: 'v', operation: 'o', message, code: message } as const;
    const error = await thrownBy(() =>
      masked({ fail: () => Promise.reject(new VendorError(facts, { cause })) }, secrets).fail(),
    );
    expect(error.facts.message.length).toBeLessThanOrEqual(1_000);
    expect(error.message.length).toBeLessThan(2_000);
    expect((error.cause as Error).message.length).toBeLessThanOrEqual(1_000);
  });

  it('says none in any other error that it throws', async () => {
    const other = new RangeError(`no ${key}`, { cause: new Error(key) });
    const { fail } = masked({ fail: () => Promise.reject(other) }, secrets);
    const error = await fail().catch((error: unknown) => error);
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(key);
    expect(error).toMatchObject({ name: 'RangeError', message: 'no ***' });
  });

  it('leaves out of its words what lies too deep to be read', async () => {
    let deep: object = { reason: 'deep' };
    for (let level = 0; level < 20_000; level += 1) deep = level % 2 ? { deep } : [deep];
    const driver = masked({ observe: async () => ({ encoder: 'absent', evidence: { reason: key, deep } }) }, secrets);
    expect(JSON.stringify(await driver.observe())).toMatch(
      /^\{"encoder":"absent","evidence":\{"reason":"\*{3}",.{0,200}$/,
    );
  });

  it('says none in words for people', async () => {
    const driver = masked(
      {
        stop: async () => ({ done: false, waitingFor: `${key} at https://h.example/a?sig=1`, retryAfterMs: 1 }),
        observe: async () => ({ encoder: 'absent', vendorState: key, evidence: { reason: [key], at: 'a/b?c=d' } }),
        preflight: async () => ({
          findings: [{ check: 'place', message: key, advice: key }],
          unseen: [{ check: 'quota', reason: key }],
        }),
        publishVod: async () => ({ done: true, value: [{ url: 'https://h.example/v.m3u8', finality: key }] }),
        setUp: async () => [`made ${key}`],
      },
      secrets,
    );
    expect(await driver.stop()).toEqual({ done: false, waitingFor: '*** at https://h.example/a?…', retryAfterMs: 1 });
    expect(await driver.observe()).toEqual({
      encoder: 'absent',
      vendorState: '***',
      evidence: { reason: ['***'], at: 'a/b?c=d' },
    });
    expect(await driver.preflight()).toEqual({
      findings: [{ check: 'place', message: '***', advice: '***' }],
      unseen: [{ check: 'quota', reason: '***' }],
    });
    expect(await driver.publishVod()).toEqual({
      done: true,
      value: [{ url: 'https://h.example/v.m3u8', finality: '***' }],
    });
    expect(await driver.setUp()).toEqual(['made ***']);
  });

  it('keeps names, addresses, secrets that are asked for and bytes, also where a secret is a word of them', async () => {
    const channel = { ref: { name: 'sc-stadium' }, details: { note: 'stadium' } };
    const file = { status: 200, url: 'https://stadium.example/v.m3u8', body: Uint8Array.from(Buffer.from('stadium')) };
    const driver = masked(
      {
        prefix: 'sc-',
        refOf(name: string) {
          return { name: this.prefix + name };
        },
        allocate: async () => ({ done: true, value: channel }),
        ingest: async () => [{ url: 'rtmp://stadium.example/live', streamKey: 'stadium' }],
        viewerUrl: async () => 'https://stadium.example/live.m3u8?token=1',
        fetchVod: async () => file,
      },
      secrets,
    );
    expect(driver.refOf('stadium')).toEqual({ name: 'sc-stadium' });
    expect(await driver.allocate()).toEqual({ done: true, value: channel });
    expect(await driver.ingest()).toEqual([{ url: 'rtmp://stadium.example/live', streamKey: 'stadium' }]);
    expect(await driver.viewerUrl()).toBe('https://stadium.example/live.m3u8?token=1');
    expect(await driver.fetchVod()).toEqual(file);
  });
});

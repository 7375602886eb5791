import { inspect } from 'node:util';
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
    const cancelled = new Error(key);
    const { fail } = masked({ fail: () => Promise.reject(cancelled) }, secrets);
    await expect(fail()).rejects.toBe(cancelled);
  });

  it('says none in words for people', async () => {
    const driver = masked(
      {
        stop: async () => ({ done: false, waitingFor: `${key} at https://h.example/a?sig=1`, retryAfterMs: 1 }),
        observe: async () => [{ encoder: 'absent', vendorState: key, evidence: { reason: [key], at: 'a/b?c=d' } }],
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
    expect(await driver.observe()).toEqual([
      { encoder: 'absent', vendorState: '***', evidence: { reason: ['***'], at: 'a/b?c=d' } },
    ]);
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

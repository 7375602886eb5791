import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { VendorError, type VendorErrorKind } from '../../../../domain/errors.ts';
import { runWith } from '../../../../vendors/under-way.ts';
import { ApiFailure, classify, meaningOf } from '../../../../vendors/volcengine-live/errors.ts';
import { settingsOf } from '../../../../vendors/volcengine-live/options.ts';
import { createSdk } from '../../../../vendors/volcengine-live/sdk.ts';
import { driverContext } from '../../../support/accounts.ts';
import { finish } from '../../../support/until.ts';
import { accountOf, eventOf, opened, type Rehearsal, rehearse } from './volcengine-live-harness.ts';

let harness: Rehearsal;

beforeEach(async () => {
  harness = await rehearse();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await harness.sim.close();
});

const byCode: Record<string, VendorErrorKind> = {
  UndefinedError: 'unavailable',
  MissingParameter: 'invalid-request',
  MissingAuthenticationToken: 'unauthorized',
  MissingRequestInfo: 'invalid-request',
  MissingSignature: 'unauthorized',
  InvalidTimestamp: 'clock-skew',
  ServiceNotFound: 'invalid-request',
  InvalidActionOrVersion: 'invalid-request',
  InvalidClientTokenId: 'unauthorized',
  InvalidAccessKey: 'unauthorized',
  SignatureDoesNotMatch: 'unauthorized',
  LackPolicy: 'unauthorized',
  AccessDenied: 'unauthorized',
  LackProjectPolicy: 'unauthorized',
  InternalError: 'unavailable',
  FailToConnect: 'unavailable',
  InternalServiceError: 'unavailable',
  InternalServiceTimeout: 'unavailable',
  FlowLimitExceeded: 'throttled',
  ServiceUnavailableTemp: 'unavailable',
  MethodNotAllowed: 'invalid-request',
  RequestLimitExceeded: 'throttled',
  InvalidParameter: 'invalid-request',
  UnsupportedOperation: 'invalid-request',
  RequestForbidden: 'unauthorized',
  'RequestForbidden.AccountIDNotAllow': 'unauthorized',
  InvalidParam: 'invalid-request',
  'InvalidParam.BindError': 'invalid-request',
  'InvalidParam.OutOfRange': 'invalid-request',
  CommonErr: 'unavailable',
  QuotaExceeded: 'quota-exceeded',
  SomethingNew: 'unknown',
};

it('knows what each documented code means', () => {
  for (const [code, kind] of Object.entries(byCode))
    expect(classify(new ApiFailure('no', { code })), code).toMatchObject({ kind, code });
});

it('says what to do about every refusal of credentials or quota', () => {
  const needAdvice = Object.entries(byCode).filter(([, kind]) => kind === 'unauthorized' || kind === 'quota-exceeded');
  for (const [code] of needAdvice) expect(classify(new ApiFailure('no', { code })).advice, code).toMatch(/\w+/);
});

it('falls back to the number where the code says nothing', () => {
  expect(classify(new ApiFailure('no', { codeN: 100010 }))).toMatchObject({ kind: 'unauthorized', code: '100010' });
  expect(classify(new ApiFailure('no', { code: 'New', codeN: 100018 }))).toMatchObject({ kind: 'throttled' });
  expect(classify(new ApiFailure('no', { code: 'New', httpStatus: 429 }))).toMatchObject({ kind: 'throttled' });
});

it('means the same by a number as by the code that it stands for', () => {
  const [byNumber, byCode] = [{ codeN: 100009 }, { code: 'InvalidAccessKey' }].map((facts) => {
    const read = classify(new ApiFailure('no', facts));
    const about = meaningOf(new VendorError({ vendor: 'volcengine-live', operation: 'ForbidStream', ...read }));
    return { kind: read.kind, advice: read.advice, about };
  });
  expect(byNumber).toEqual({ ...byCode, about: 'credentials' });
});

const kinds = {
  throttle: 'throttled',
  quota: 'quota-exceeded',
  unauthorized: 'unauthorized',
  invalid: 'invalid-request',
} as const;
for (const [fault, kind] of Object.entries(kinds) as [keyof typeof kinds, VendorErrorKind][]) {
  it(`reports ${fault} as ${kind} with the vendor's code and request id`, async () => {
    harness.kit.faults.add('volcengine-live', { operation: 'ForbidStream', kind: fault });
    const failure = await harness.driver.allocate(eventOf('no')).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(VendorError);
    expect(failure).toMatchObject({
      facts: { kind, operation: 'ForbidStream', code: expect.any(String), requestId: expect.any(String) },
    });
  });
}

it("takes a gateway's page and an uncategorised error with status 200 for an outage", async () => {
  const { driver, kit } = harness;
  kit.faults.add('volcengine-live', { operation: 'DescribeLiveStreamState', kind: 'unavailable' });
  await expect(driver.allocate(eventOf('a'))).rejects.toMatchObject({
    facts: { kind: 'unavailable', httpStatus: 502 },
  });
  kit.faults.add('volcengine-live', { operation: 'ForbidStream', kind: 'unavailable' });
  await expect(driver.allocate(eventOf('a'))).rejects.toMatchObject({
    facts: { kind: 'unavailable', code: 'CommonErr', httpStatus: 200 },
  });
});

it.each([
  ['{}', /ResponseMetadata/],
  ['', /unknown answer: .*; it was empty/],
  ['<html>', /unknown answer: .*; it was an HTML page/],
])('takes the answer %j for no answer', async (body, why) => {
  const server = createServer((_, res) => void res.end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const driver = harness.driverWith({ host: `127.0.0.1:${port}` });
  const failure = await driver.cleanUp(driver.refOf(eventOf('a'))).catch((error: unknown) => error);
  server.close();
  server.closeAllConnections();
  expect(failure).toMatchObject({ facts: { kind: 'unavailable', message: expect.stringMatching(why) } });
});

it('gives up a call that hangs when its time is over', async () => {
  const driver = harness.driverWith({ timeoutMs: '100' });
  // Without a recording the call that hangs is the first and only one that has to be quick.
  const event = eventOf('a', { options: { record: 'off' } });
  harness.kit.faults.add('volcengine-live', { operation: 'DescribeLiveStreamState', kind: 'hang' });
  await expect(driver.allocate(event)).rejects.toMatchObject({
    facts: { kind: 'unavailable', operation: 'DescribeLiveStreamState', resource: driver.refOf(event).name },
  });
});

it('sends each call once', async () => {
  harness.kit.faults.add('volcengine-live', { operation: 'ForbidStream', kind: 'reset' });
  await expect(harness.driver.allocate(eventOf('a'))).rejects.toMatchObject({ facts: { kind: 'unavailable' } });
  expect(harness.kit.log.entries({ operation: 'ForbidStream' })).toHaveLength(1);
});

it('counts a change whose answer was lost, and not one that was refused', async () => {
  const mutationsAfter = async (kind: 'lose-response' | 'invalid') => {
    const counter = { count: 0 };
    harness.kit.faults.add('volcengine-live', { operation: 'ForbidStream', kind });
    await expect(runWith({ counter }, () => harness.driver.allocate(eventOf(kind)))).rejects.toThrow(VendorError);
    return counter.count;
  };
  expect(await mutationsAfter('lose-response')).toBe(1);
  expect(await mutationsAfter('invalid')).toBe(0);
});

it('says which setting is wrong and never repeats a secret', async () => {
  const secret = 'a-secret-not-to-be-seen';
  const driver = harness.driverWith({ secretKey: secret });
  const failure = await driver.allocate(eventOf('a')).catch((error: unknown) => error);
  expect(failure).toMatchObject({ facts: { kind: 'unauthorized', code: 'SignatureDoesNotMatch', httpStatus: 401 } });
  expect(String(failure)).toContain('secretKey');
  const everything = JSON.stringify(failure) + String((failure as Error).stack) + String((failure as Error).cause);
  expect(everything).not.toContain(secret);
  const unknownKey = harness.driverWith({ accessKeyId: 'AKLTnobody' });
  await expect(unknownKey.allocate(eventOf('a'))).rejects.toMatchObject({ facts: { code: 'InvalidAccessKey' } });
});

it('uses the settings of the account alone, whatever the environment says', async () => {
  vi.stubEnv('VOLC_ACCESSKEY', 'AKLTelse');
  vi.stubEnv('VOLC_SECRETKEY', 'else');
  for (const name of ['http_proxy', 'HTTP_PROXY', 'all_proxy']) vi.stubEnv(name, 'http://127.0.0.1:9');
  vi.stubEnv('VOLC_PROXY_HOST', '127.0.0.1');
  vi.stubEnv('VOLC_PROXY_PORT', '9');
  await finish(() => harness.driver.allocate(eventOf('env')));
});

it('signs with a session token where the account has one', async () => {
  await finish(() => harness.driverWith({ sessionToken: 'STS-token' }).allocate(eventOf('sts')));
});

it('refuses an event when no preset would record it, unless it asks for no recording', async () => {
  const { driver, driverWith } = harness;
  const elsewhere = driverWith({ app: 'other' });
  await expect(elsewhere.allocate(eventOf('a'))).rejects.toMatchObject({
    facts: { kind: 'invalid-request', advice: expect.stringContaining('showcaller setup') },
  });
  const silent = await finish(() => elsewhere.allocate(eventOf('b', { options: { record: 'off' } })));
  const output = await finish(() => elsewhere.createOutput(silent));
  expect(await elsewhere.publishVod(silent, output, [{ from: 0, to: 1 }])).toEqual({ done: true, value: [] });
  const channel = await opened(driver, eventOf('c'));
  const [preset] = await createSdk(settingsOf(accountOf(harness.sim)), driverContext).recordPresets();
  await expect(
    createSdk(settingsOf(accountOf(harness.sim)), driverContext).updateRecordPreset(preset?.SlicePresetV2?.Name ?? '', {
      OriginRecord: 0,
      TranscodeRecord: 1,
    }),
  ).resolves.toBeUndefined();
  await expect(driver.createOutput(channel)).rejects.toThrow(/original stream/);
});

it('reports options that make no sense as an invalid request', async () => {
  await expect(harness.driver.allocate(eventOf('a', { options: { relay: 'v9' } }))).rejects.toMatchObject({
    facts: { kind: 'invalid-request', message: expect.stringContaining('relay') },
  });
});

it('sets up a record preset once, repairs one that does not record HLS, and leaves a good one alone', async () => {
  const { driverWith, sim } = harness;
  const driver = driverWith({ app: 'studio' });
  expect(await driver.setUp?.()).toEqual([expect.stringMatching(/^created a record preset/)]);
  expect(await driver.setUp?.()).toEqual([expect.stringMatching(/already records/)]);
  expect(sim.made()['record-preset']).toBe(2);
  await finish(() => driver.allocate(eventOf('ready')));

  const sdk = createSdk(settingsOf(accountOf(sim, { app: 'studio' })), driverContext);
  const preset = (await sdk.recordPresets()).find(({ App }) => App === 'studio');
  const place = { Enable: true, TOSParam: { Enable: true, Bucket: 'b' } };
  await sdk.updateRecordPreset(preset?.SlicePresetV2?.Name ?? '', { HlsParam: { Enable: false }, Mp4Param: place });
  expect(await driver.setUp?.()).toEqual([expect.stringMatching(/^updated record preset/)]);
  await finish(() => driver.allocate(eventOf('ready')));
  await expect(driverWith({ app: 'third', tosBucket: '' }).setUp?.()).rejects.toThrow(/tosBucket/);
});

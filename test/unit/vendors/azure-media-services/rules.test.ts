import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VendorError } from '../../../../domain/errors.ts';
import { eventIdPattern } from '../../../../domain/ids.ts';
import type { Json } from '../../../../domain/json.ts';
import { fieldsOf } from '../../../../vendors/account-variables.ts';
import { classify } from '../../../../vendors/azure-media-services/errors.ts';
import { azureMediaServices } from '../../../../vendors/azure-media-services/index.ts';
import { assetNameOf, channelNameOf, locatorIdOf } from '../../../../vendors/azure-media-services/names.ts';
import { archiveWindowOf, optionsSchema } from '../../../../vendors/azure-media-services/options.ts';
import { encoderFrom } from '../../../../vendors/azure-media-services/presence.ts';
import { inTime } from '../../../../vendors/azure-media-services/token.ts';
import { ingestEndpoint } from '../../../../vendors/azure-media-services/wire.ts';

const eventIds = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/);

describe('names', () => {
  it.each([
    ['gala-2026', 'sc-gala-2026'],
    ['gala.2026', /^sc-gala-2026-[a-z2-7]{16}$/],
    ['Gala', /^sc-Gala--[a-z2-7]{16}$/],
    ['gala-', /^sc-gala---[a-z2-7]{16}$/],
    ['a-show-with-a-very-long-name-indeed', /^sc-a-show-with--[a-z2-7]{16}$/],
  ])('of %s is what the vendor allows', (eventId, expected) => {
    expect(channelNameOf(eventId)).toMatch(expected);
  });

  it('fit the rules of the vendor for every event id', () => {
    fc.assert(
      fc.property(eventIds, (eventId) => {
        const name = channelNameOf(eventId);
        expect(name).toMatch(/^[a-zA-Z0-9]+(-*[a-zA-Z0-9])*$/);
        expect(name.length).toBeLessThanOrEqual(32);
        expect(assetNameOf(name, 1)).not.toMatch(/[<>%&:\\?/*+.']/);
      }),
    );
  });

  it('differ for different event ids, also without case', () => {
    fc.assert(
      fc.property(eventIds, eventIds, (a, b) => {
        fc.pre(a !== b);
        expect(channelNameOf(a).toLowerCase()).not.toBe(channelNameOf(b).toLowerCase());
      }),
    );
    expect(channelNameOf('Show').toLowerCase()).not.toBe(channelNameOf('show').toLowerCase());
    expect(channelNameOf('show-')).not.toBe(channelNameOf('show-.'));
  });

  it('cannot be made of what is not an event id', () => {
    expect(eventIdPattern.test('a b')).toBe(false);
    expect(() => channelNameOf('a b')).toThrow(VendorError);
  });

  it('give a locator id that is a GUID and depends on account, run and asset', () => {
    const id = locatorIdOf('sub/group/media', 'live-event/a', 'sc-a_1');
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(locatorIdOf('sub/group/media', 'live-event/a', 'sc-a_1')).toBe(id);
    expect(locatorIdOf('sub/group/other', 'live-event/a', 'sc-a_1')).not.toBe(id);
    expect(locatorIdOf('sub/group/media', 'live-event/a', 'sc-a_2')).not.toBe(id);
  });
});

describe('the archive window', () => {
  const hours = (h: number) => ({ startsAt: 0, hardEndsAt: h * 3_600_000 });
  const options = (given: object) => optionsSchema.parse(given);

  it.each([
    ['spans the longest run and a margin', hours(4), {}, 'PT15300S'],
    ['is never shorter than three minutes', hours(-1), {}, 'PT180S'],
    ['is at most 25 hours', hours(48), {}, 'PT90000S'],
    ['is at most 8 hours for basic pass-through', hours(48), { encodingType: 'PassthroughBasic' }, 'PT28800S'],
    ['is at most 6 hours for low latency', hours(48), { streamOptions: ['LowLatencyV2'] }, 'PT21600S'],
    ['is what the plan says', hours(4), { archiveWindowLength: 'PT2H' }, 'PT2H'],
  ])('%s', (_name, event, given, expected) => {
    expect(archiveWindowOf(event, options(given))).toBe(expected);
  });

  it('is refused when it is not a duration of the vendor', () => {
    for (const archiveWindowLength of ['2h', 'PT', 'P1D', '']) {
      expect(optionsSchema.safeParse({ archiveWindowLength }).success).toBe(false);
    }
  });
});

describe('errors', () => {
  const headers = (values: Record<string, string>) => ({ get: (name: string) => values[name] });
  const rest = (
    statusCode: number,
    code?: string,
    message = 'words of the vendor',
    values: Record<string, string> = {},
  ) =>
    Object.assign(new Error('raw body'), {
      name: 'RestError',
      statusCode,
      ...(code && { details: { error: { code, message } } }),
      response: { headers: headers(values) },
    });

  it.each([
    [400, 'BadRequest', 'invalid-request'],
    [401, 'AuthenticationFailed', 'unauthorized'],
    [401, 'InvalidAuthenticationToken', 'unauthorized'],
    [401, 'ExpiredAuthenticationToken', 'unauthorized'],
    [403, 'AuthorizationFailed', 'unauthorized'],
    [403, 'Forbidden', 'unauthorized'],
    [403, 'QuotaExceeded', 'quota-exceeded'],
    [404, 'NotFound', 'not-found'],
    [404, 'ResourceNotFound', 'not-found'],
    [404, 'ResourceGroupNotFound', 'invalid-request'],
    [404, 'SubscriptionNotFound', 'invalid-request'],
    [404, 'SomethingElse', 'unknown'],
    [404, undefined, 'unknown'],
    [408, undefined, 'unavailable'],
    [409, 'Conflict', 'conflict'],
    [409, 'MissingSubscriptionRegistration', 'invalid-request'],
    [412, 'PreconditionFailed', 'conflict'],
    [418, undefined, 'unknown'],
    [429, 'TooManyRequests', 'throttled'],
    [429, 'SubscriptionRequestsThrottled', 'throttled'],
    [500, 'InternalServerError', 'unavailable'],
    [503, 'ServiceUnavailable', 'unavailable'],
    [502, undefined, 'unavailable'],
  ] as const)('%s %s is %s', (status, code, kind) => {
    const facts = classify(rest(status, code));
    expect(facts.kind).toBe(kind);
    expect(facts.httpStatus).toBe(status);
    expect(facts.message).not.toBe('raw body');
  });

  it('distinguish a missing account from a missing live event', () => {
    const account = "The Resource 'Microsoft.Media/mediaServices/gone' under resource group 'g' was not found.";
    const event = "The Resource 'Microsoft.Media/mediaServices/here/liveEvents/gone' was not found.";
    expect(classify(rest(404, 'ResourceNotFound', account)).kind).toBe('invalid-request');
    expect(classify(rest(404, 'ResourceNotFound', event)).kind).toBe('not-found');
  });

  it('know a quota by its words, because its code is published nowhere', () => {
    const words = 'The maximum number of live events is reached.';
    for (const status of [400, 403, 409])
      expect(classify(rest(status, 'BadRequest', words)).kind).toBe('quota-exceeded');
  });

  it('keep the vendor’s wait and the id of the call', () => {
    const facts = classify(rest(429, 'TooManyRequests', 'slow', { 'retry-after': '7', 'x-ms-request-id': 'r1' }));
    expect(facts).toMatchObject({ retryAfterMs: 7_000, requestId: 'r1' });
    expect(classify(rest(429, 'TooManyRequests', 'slow', { 'retry-after-ms': '250' })).retryAfterMs).toBe(250);
  });

  it('call no answer unavailable, whatever cut it', () => {
    const aborted = Object.assign(new Error('aborted'), { name: 'AbortError' });
    const reset = Object.assign(new Error('secret in a url'), { name: 'RestError', code: 'ECONNRESET' });
    const fetchFailed = new TypeError('fetch failed', {
      cause: Object.assign(new Error(''), { code: 'ECONNREFUSED' }),
    });
    expect(classify(aborted)).toMatchObject({ kind: 'unavailable', message: 'no answer in time' });
    expect(classify(reset)).toMatchObject({
      kind: 'unavailable',
      code: 'ECONNRESET',
      message: 'the connection failed',
    });
    expect(classify(fetchFailed)).toMatchObject({ kind: 'unavailable', code: 'ECONNREFUSED' });
  });

  it.each([
    ['AuthenticationRequiredError', 'invalid_client: AADSTS7000215', 'unauthorized'],
    ['AuthenticationRequiredError', 'temporarily_unavailable: AADSTS90033', 'unavailable'],
    ['CredentialUnavailableError', 'endpoints_resolution_error', 'unavailable'],
    ['TimeoutError', 'no token in time', 'unavailable'],
    ['Error', 'a bug of ours', 'unknown'],
  ])('of the sign-in: %s %s is %s', (name, message, kind) => {
    const facts = classify(Object.assign(new Error(message), { name }));
    expect(facts.kind).toBe(kind);
  });
});

describe('the encoder in a status', () => {
  const at = Date.parse('2026-12-01T18:00:00Z');
  const begin = '2026-12-01T17:59:00.1234567';
  const status = (more: object) => ({ at, body: { value: [{ state: 'Running', healthDescriptions: [], ...more }] } });
  const tracks = (...rates: (number | null)[]) =>
    rates.map((incomingBitrate) => ({ trackId: 'video', incomingBitrate }));

  it.each([
    ['that began and sends', { ingestion: { begin }, trackStatus: tracks(900_000) }, 'connected'],
    ['whose rate is not averaged yet', { ingestion: { begin }, trackStatus: tracks(null) }, 'connected'],
    ['that sends nothing', { ingestion: { begin }, trackStatus: tracks(0, 0) }, 'starved'],
    ['that ended', { ingestion: { begin, end: '2026-12-01T17:59:30' }, trackStatus: tracks(900_000) }, 'absent'],
    ['that never began', { ingestion: { begin: '' } }, 'absent'],
    ['on a stopped event', { state: 'Stopped', ingestion: { begin }, trackStatus: tracks(900_000) }, 'absent'],
    [
      'last heard of long ago',
      { ingestion: { begin }, trackStatus: tracks(900_000), lastUpdatedTime: '2026-12-01T17:50:00' },
      'starved',
    ],
  ])('%s is seen as such', (_name, more, expected) => {
    expect(encoderFrom(status(more))?.encoder).toBe(expected);
  });

  it('has a session from its begin, which is UTC without saying so', () => {
    const seen = encoderFrom(status({ ingestion: { begin }, trackStatus: tracks(1) }));
    expect(seen?.since).toBe(Date.parse('2026-12-01T17:59:00.123Z'));
  });

  it.each([
    [{ isSourceOnline: true, sourceConnectionsCount: 1, videoBitrate: 5 }, 'connected'],
    [{ isSourceOnline: false, sourceConnectionsCount: 1 }, 'starved'],
    [{ isSourceOnline: true, sourceConnectionsCount: 0 }, 'absent'],
  ])('of Ravnur %j is %s', (healthDescriptions, expected) => {
    expect(encoderFrom(status({ healthDescriptions }))?.encoder).toBe(expected);
  });

  it('is unknown when the answer has no status', () => {
    const bodies: Json[] = [null, {}, { value: [] }, 'text'];
    for (const body of bodies) expect(encoderFrom({ body })).toBeUndefined();
    // https://github.com/Ravnur-Inc/ams-api-replacement-demo-app: a status without a word of the ingest.
    expect(encoderFrom(status({}))).toBeUndefined();
    expect(encoderFrom(status({ state: 'Stopped' }))?.encoder).toBe('absent');
    const saysNothing = [{ state: undefined }, { state: 'Healthy' }, { ingestion: {} }, { trackStatus: [] }];
    for (const more of [...saysNothing, { trackStatus: tracks(null) }])
      expect(encoderFrom(status(more)), JSON.stringify(more)).toBeUndefined();
  });

  it('is there where tracks come in, whatever else the status leaves out', () => {
    expect(encoderFrom(status({ trackStatus: tracks(900_000) }))?.encoder).toBe('connected');
    expect(encoderFrom(status({ state: undefined, ingestion: { begin } }))?.encoder).toBe('connected');
  });
});

describe('where an encoder sends', () => {
  const urlsOf = (url: string, event: Parameters<typeof ingestEndpoint>[2]) =>
    ingestEndpoint(url, 'sc-show', event).map((endpoint) => endpoint.url);
  const input = { streamingProtocol: 'RTMP', accessToken: 'token' };

  it('has the access token where the address lacks it', () => {
    expect(urlsOf('rtmp://a.test:1935/live/token', { location: 'x', input })).toEqual([
      'rtmp://a.test:1935/live/token/sc-show',
    ]);
    expect(urlsOf('rtmp://a.test:1935/live', { location: 'x', input })).toEqual(['rtmp://a.test:1935/live/token']);
  });

  it('has the SRT parameters that Ravnur gives as tags, and none that it does not give', () => {
    const tags = {
      'IngestOptions.SrtStreamId': 'id&1',
      'IngestOptions.SrtPassphrase': 'pass word',
      'IngestOptions.SrtLatency': '200',
      'IngestOptions.SrtMaxBW': '0',
    };
    const [endpoint] = ingestEndpoint('srt://a.test:9000', 'sc-show', { location: 'x', input, tags });
    expect(endpoint).toEqual({
      protocol: 'srt',
      url: 'srt://a.test:9000?streamid=id%261&passphrase=pass%20word&pbkeylen=16&latency=200&maxbw=0',
      server: 'srt://a.test:9000',
      streamKey: 'streamid=id%261&passphrase=pass%20word&pbkeylen=16&latency=200&maxbw=0',
    });
    expect(urlsOf('srt://a.test:9000', { location: 'x', input })).toEqual(['srt://a.test:9000?streamid=token']);
    expect(urlsOf('srt://a.test:9000?streamid=own', { location: 'x', input })).toEqual([
      'srt://a.test:9000?streamid=own',
    ]);
  });
});

describe('a token', () => {
  it('that never comes is given up', async () => {
    await expect(inTime(new Promise(() => undefined), 20)).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(inTime(Promise.resolve('token'), 1_000)).resolves.toBe('token');
    await expect(inTime(Promise.reject(new Error('refused')), 1_000)).rejects.toThrow('refused');
  });
});

describe('the manifest', () => {
  it('refuses settings that cannot work, with the reason', () => {
    const check = (key: string, value: string) =>
      fieldsOf(azureMediaServices)
        .find((field) => field.key === key)
        ?.check(value);
    expect(check('endpoint', 'http://127.0.0.1:8080')).toBeUndefined();
    expect(check('endpoint', 'https://id.ravnur.net')).toBeUndefined();
    expect(check('endpoint', 'http://example.com')).toContain('https');
    expect(check('endpoint', 'nonsense')).toContain('URL');
    expect(check('subscriptionId', 'abc')).toContain('GUID');
    expect(check('authMode', 'basic')).toContain('entra');
    expect(check('timeoutMs', '0')).toContain('at least 1');
  });

  it('declares every secret', () => {
    const secrets = fieldsOf(azureMediaServices)
      .filter((field) => field.secret)
      .map((field) => field.key);
    expect(secrets).toEqual(['clientSecret', 'token', 'apiKey']);
  });

  it('describes every option', () => {
    for (const field of Object.values(azureMediaServices.options.shape)) {
      expect((field as { description?: string }).description).toBeTruthy();
    }
  });
});

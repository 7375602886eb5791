import { describe, expect, it } from 'vitest';
import { classify } from '../../../../vendors/alibaba-oss/errors.ts';
import { HttpError } from '../../../../vendors/http.ts';

/** As the SDK throws them. */
const answered = (status: number, code: string, message = 'words of the vendor') =>
  Object.assign(new Error(message), { name: `${code}Error`, code, status, requestId: '5C3D9175B6FC201293AD4890' });

describe('an answer of the vendor', () => {
  it.each([
    [404, 'NoSuchLiveChannel', 'not-found'],
    [404, 'NoSuchBucket', 'invalid-request'],
    [400, 'InvalidArgument', 'invalid-request'],
    [400, 'MalformedXML', 'invalid-request'],
    [400, 'SomethingNew', 'invalid-request'],
    [409, 'ChannelStillLive', 'conflict'],
    [409, 'LiveChannelDisabled', 'conflict'],
    [409, 'SomethingNew', 'conflict'],
    [403, 'AccessDenied', 'unauthorized'],
    [403, 'InvalidAccessKeyId', 'unauthorized'],
    [403, 'SignatureDoesNotMatch', 'unauthorized'],
    [403, 'RequestTimeTooSkewed', 'clock-skew'],
    [403, 'SecurityTokenExpired', 'unauthorized'],
    [403, 'SomethingNew', 'unauthorized'],
    [503, 'MetaOperationQpsLimitExceeded', 'throttled'],
    [503, 'DownloadTrafficRateLimitExceeded', 'throttled'],
    [429, 'SomethingNew', 'throttled'],
    [400, 'RequestTimeout', 'unavailable'],
    [503, 'ServiceUnavailable', 'unavailable'],
    [500, 'InternalError', 'unavailable'],
    [503, 'SomethingNew', 'unavailable'],
  ])('%i %s is %s', (status, code, kind) => {
    expect(classify(answered(status, code))).toMatchObject({
      kind,
      code,
      httpStatus: status,
      message: 'words of the vendor',
      requestId: '5C3D9175B6FC201293AD4890',
    });
  });
});

it('names the region when a request was signed for another one, though the code is that of a wrong option', () => {
  const error = classify(answered(400, 'InvalidArgument', 'Invalid signing region in Authorization header.'));
  expect(error).toMatchObject({ kind: 'unauthorized', advice: expect.stringContaining('region') });
});

describe('a call without a proper answer', () => {
  const thrown = (name: string, more: object = {}) => Object.assign(new Error('words'), { name, ...more });
  it.each([
    ['a refused or reset connection', thrown('RequestError', { code: 'RequestError', status: -1 }), 'unavailable'],
    ['an answer that breaks off', thrown('ResponseError', { code: 'ResponseError', status: -2 }), 'unavailable'],
    [
      'no connection in time',
      thrown('ConnectionTimeoutError', { code: 'ConnectionTimeoutError', status: -2 }),
      'unavailable',
    ],
    ['no answer in time', thrown('ResponseTimeoutError'), 'unavailable'],
    ['a read that takes too long', thrown('TimeoutError'), 'unavailable'],
    ['a connection that failed', new HttpError('ConnectionError', 'connect ECONNREFUSED', {}), 'unavailable'],
    ['a 502 page of a proxy', Object.assign(new Error('Unclosed root tag'), { status: 502 }), 'unavailable'],
    ['a crash in the SDK', new TypeError("Cannot read properties of undefined (reading 'Url')"), 'unknown'],
    ['something thrown that is no error', 'boom', 'unknown'],
  ])('%s', (_, error, kind) => {
    const facts = classify(error);
    expect(facts.kind).toBe(kind);
    expect(facts.httpStatus ?? 0).toBeGreaterThanOrEqual(0);
  });

  it('is not "not found" when a 404 came without a body', () => {
    const invented = Object.assign(new Error('Object not exists'), {
      name: 'NoSuchKeyError',
      code: 'NoSuchKey',
      status: 404,
    });
    expect(classify(invented)).toMatchObject({ kind: 'unknown', advice: expect.stringContaining('proxies') });
  });

  it('keeps a foreign body out of the message', () => {
    const page = Object.assign(new Error('Unclosed root tag\nraw xml: <html>cookie=secret'), { status: 502 });
    expect(classify(page).message).toBe('Unclosed root tag');
  });
});

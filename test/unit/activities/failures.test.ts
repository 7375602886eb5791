import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { asFailure, type FailureContext, notBefore, notYet } from '../../../activities/failures.ts';
import { VendorError, type VendorErrorFacts, type VendorErrorKind } from '../../../domain/errors.ts';

// In the middle of the jitter a delay takes as long as was asked for.
beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0.5));
afterEach(() => void vi.restoreAllMocks());

function failureOf(
  kind: VendorErrorKind,
  context: Partial<FailureContext> = {},
  facts: Partial<VendorErrorFacts> = {},
) {
  const error = new VendorError({ kind, vendor: 'aws-ivs', operation: 'CreateChannel', message: 'no', ...facts });
  const failure = asFailure(error, {
    policy: 'before-show',
    errorsInARow: 1,
    triesUsed: 1,
    nothingMade: true,
    timeScale: 1,
    secrets: [],
    msLeft: Number.POSITIVE_INFINITY,
    ...context,
  });
  if (!(failure instanceof ApplicationFailure)) throw new Error(`no failure of an activity: ${failure}`);
  return failure;
}

it.each<VendorErrorKind>(['quota-exceeded', 'not-found', 'conflict', 'unknown'])(
  'tries a step ten times before the show where the error may pass: %s',
  (kind) => {
    expect(failureOf(kind, { triesUsed: 9 }).nonRetryable).toBe(false);
    expect(failureOf(kind, { triesUsed: 10 }).nonRetryable).toBe(true);
  },
);

it('fails at once before the show, and for the recording, where the request is wrong', () => {
  expect(failureOf('invalid-request').nonRetryable).toBe(true);
  expect(failureOf('unauthorized').nonRetryable).toBe(true);
  expect(failureOf('invalid-request', { policy: 'recording' }).nonRetryable).toBe(true);
});

it('never gives up a clean-up, and asks again within 30 s where the vendor is busy', () => {
  const late = { policy: 'after-show', triesUsed: 1_000, errorsInARow: 1_000 } as const;
  expect(failureOf('unauthorized', late)).toMatchObject({ nonRetryable: false, nextRetryDelay: 300_000 });
  for (const kind of ['conflict', 'throttled', 'unavailable', 'clock-skew'] as const)
    expect(failureOf(kind, late)).toMatchObject({ nonRetryable: false, nextRetryDelay: 30_000 });
});

it('doubles the delay from one second with each error in a row, at the scale of the times', () => {
  const delayOf = (errorsInARow: number, timeScale = 1) =>
    failureOf('throttled', { errorsInARow, timeScale }).nextRetryDelay;
  expect([1, 2, 3].map((errors) => delayOf(errors))).toEqual([1_000, 2_000, 4_000]);
  expect(delayOf(3, 0.5)).toBe(2_000);
});

it('waits as long as the vendor asks, where that is longer', () => {
  expect(failureOf('throttled', {}, { retryAfterMs: 90_000 }).nextRetryDelay).toBe(90_000);
});

it('fails with its reason where the next try would not come before the deadline', () => {
  expect(failureOf('throttled', { msLeft: 1_001 }).nonRetryable).toBe(false);
  expect(failureOf('throttled', { msLeft: 1_000 }).nonRetryable).toBe(true);
  expect(notYet('the channel to open', 5_000, 1, 5_001).nonRetryable).toBe(false);
  expect(notYet('the channel to open', 5_000, 1, 5_000).nonRetryable).toBe(true);
  expect(notYet('the channel to open', 5_000, 0.5, 5_000)).toMatchObject({
    nonRetryable: false,
    nextRetryDelay: 2_500,
  });
});

it('passes to the run what the attempts remember: a channel that was made must be cleaned up', () => {
  const failure = failureOf('unknown', { nothingMade: false, remembered: { id: 'arn:channel' } });
  expect(failure.details).toEqual([expect.objectContaining({ nothingMade: false, id: 'arn:channel' })]);
});

it('names the clock of this worker once, and not where the vendor error names it', () => {
  const skewText = 'the clock is 9 s late';
  expect(failureOf('unauthorized', { skewText }).message).toMatch(/no \(the clock is 9 s late\)$/);
  expect(failureOf('clock-skew', { skewText }, { clock: skewText }).message.split(skewText)).toHaveLength(2);
});

it('leaves a cancellation what it is', () => {
  const cancelled = new CancelledFailure('the run was cancelled');
  const context = { policy: 'before-show', errorsInARow: 1, triesUsed: 1, nothingMade: true, timeScale: 1 } as const;
  expect(asFailure(cancelled, { ...context, secrets: [], msLeft: 1 })).toBe(cancelled);
});

it('meets a cue without jitter, and asks again at once where it has passed', () => {
  vi.mocked(Math.random).mockReturnValue(1);
  expect(notBefore(10_000, 4_000, 'the end')).toMatchObject({ nonRetryable: false, nextRetryDelay: 6_000 });
  expect(notBefore(4_000, 10_000, 'the end').nextRetryDelay).toBe(1);
});

it('keeps no signature of an address in the reason to wait', () => {
  expect(notYet('https://vod.example/a.m3u8?sig=hush', 1, 1, 2).message).toBe('https://vod.example/a.m3u8?…');
});

const key = '-----BEGIN EC PRIVATE KEY-----\nMHQCAQEEIGtoLmlk\nZW50IG9mIHRoZSBr\n-----END EC PRIVATE KEY-----';

const messageOf = (text: string) =>
  asFailure(new Error(text), {
    policy: 'before-show',
    errorsInARow: 1,
    triesUsed: 1,
    nothingMade: true,
    timeScale: 1,
    secrets: [key],
    msLeft: Number.POSITIVE_INFINITY,
  }).message;

it('shows no half of a secret with spaces, wherever a long text is cut', () => {
  for (let before = 3_880; before <= 4_010; before += 1) {
    const message = messageOf(`${'a '.repeat(before / 2)}${key} and more`.padEnd(8_000, ' more'));
    expect(message, `${before} characters before the secret`).not.toMatch(/PRIVATE|MHQC|ZW50/);
    expect(message.length).toBeLessThanOrEqual(4_000);
  }
});

it('keeps what stands before the cut, and says that there was more', () => {
  expect(messageOf(`the vendor said no ${'word '.repeat(2_000)}`)).toMatch(/^the vendor said no word .*word …$/s);
});

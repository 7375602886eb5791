import { expect, it } from 'vitest';
import { asFailure } from '../../../activities/failures.ts';

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

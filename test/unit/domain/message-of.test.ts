import { expect, it } from 'vitest';
import { messageOf } from '../../../domain/message-of.ts';

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

it('an error of the code is named a bug, and no other is', () => {
  const nothing = undefined as unknown as { at: { name: string } };
  expect(messageOf(thrownBy(() => nothing.at.name))).toBe(
    "a bug in showcaller: TypeError: Cannot read properties of undefined (reading 'at')",
  );
  expect(messageOf(new ReferenceError('x is not defined'))).toContain('a bug in showcaller: ReferenceError: ');
  // Those of Node and of its `fetch` say what was wrong with an address or a network.
  expect(messageOf(thrownBy(() => new URL('none')))).toBe('Invalid URL');
  expect(messageOf(new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }))).toBe('fetch failed');
  expect([messageOf(new Error('away')), messageOf('thrown text')]).toEqual(['away', 'thrown text']);
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventIdPattern, workflowIdOf } from '../../../../domain/ids.ts';
import { ownerOf, streamNameOf } from '../../../../vendors/volcengine-live/names.ts';

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'];
const eventIds = fc
  .tuple(
    fc.constantFrom(...letters),
    fc.string({ unit: fc.constantFrom(...letters, '.', '_', ':', '-'), maxLength: 29 }),
  )
  .map((parts) => parts.join(''));

it('gives every event id a stream name that the vendor allows and from which the workflow id comes back', () => {
  fc.assert(
    fc.property(eventIds, (eventId) => {
      expect(eventId).toMatch(eventIdPattern);
      const name = streamNameOf({ eventId });
      expect(name).toMatch(/^[A-Za-z0-9_.-]{1,100}$/);
      expect(ownerOf(name)).toBe(workflowIdOf(eventId));
    }),
  );
});

it('keeps names readable, also those of a schedule', () => {
  expect(streamNameOf({ eventId: 'town-hall' })).toMatch(/^sc-town-hall-[0-9a-f]{6}$/);
  expect(streamNameOf({ eventId: 'daily-2026-12-01T18:00:00Z' })).toMatch(
    /^sc-daily-2026-12-01T18_3A00_3A00Z-[0-9a-f]{6}$/,
  );
});

it('takes an event id of 90 characters and refuses a longer one, naming the limit', () => {
  expect(streamNameOf({ eventId: 'a'.repeat(83), run: 'r' })).toHaveLength(100);
  expect(() => streamNameOf({ eventId: 'a'.repeat(84) })).toThrow(/invalid-request.*84 characters.*83 are left/);
});

it('recognises no stream that it did not name', () => {
  const ours = streamNameOf({ eventId: 'town-hall' });
  const foreign = ['', 'sc-', 'sc-x', 'live', ours.slice(0, -1), `${ours}0`, `x${ours}`, 'sc-town-hall-000000'];
  for (const name of foreign) expect(ownerOf(name), name).toBeUndefined();
  // Another spelling of the same event id is not the name that we would have given.
  expect(ownerOf(ours.replace('town', 't_6Fwn'))).toBeUndefined();
});

import { expect, it } from 'vitest';
import { pageFile, pageHarness } from './page-harness.ts';

pageHarness();
const { madeText } = (await pageFile('create.js')) as { madeText(answered: object): string };

it('an event is said to be made only where it was', () => {
  const there = 'nothing was made: final is there already, by the same plan, and';
  expect(madeText({ eventId: 'final', started: true })).toBe('final is made');
  expect(madeText({ eventId: 'final', started: false, found: 'RUNNING' })).toBe(`${there} it runs`);
  expect(madeText({ eventId: 'final', started: false, found: 'PAUSED' })).toBe(`${there} its run is paused`);
  expect(madeText({ eventId: 'final', started: false, found: 'COMPLETED' })).toBe(`${there} it is over`);
});

it('one that was booked in spite of a conflict is made with what is in the way', () => {
  const span = { from: '2026-12-01T18:00:00.000Z', to: '2026-12-01T19:00:00.000Z' };
  const conflicts = [
    { use: 'studio-a', eventId: 'other', ...span },
    { use: 'a channel of aws-ivs / default', ...span },
  ];
  const text = madeText({ eventId: 'final', started: true, conflicts });
  expect(text).toMatch(/^final is made; in spite of a conflict; studio-a is held by other from .* to .*; a channel of/);
  expect(text).toContain("is held by another tenant's event from");
});

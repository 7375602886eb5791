import { expect, it } from 'vitest';
import { systemLines } from '../../../cli/event-table.ts';
import { timesOf } from '../../../cli/times.ts';

it('beside the table of all events stands that more run than are in it', () => {
  const system = { workers: { count: 1 }, pollers: [] };
  const lines = (notShown?: ('running' | 'over')[]) =>
    systemLines({ ...system, ...(notShown && { notShown }) }, timesOf({ utc: true }));
  expect(lines()).toEqual([]);
  expect(lines(['over'])).toEqual([]);
  expect(lines(['running', 'over'])).toEqual([
    'showcaller: more events run than are shown and looked at here; `showcaller list --running` has all',
  ]);
});

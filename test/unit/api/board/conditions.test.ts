import { expect, it } from 'vitest';
import type { SystemCard } from '../../../../client/cards.ts';
import type { Condition } from '../../../../domain/conditions/condition.ts';
import { itemsIn, pageFile, pageHarness, textOf } from './page-harness.ts';

pageHarness();
const { systemText, conditionSection } = (await pageFile('conditions.js')) as {
  systemText(system: SystemCard): { well: boolean; text: string };
  conditionSection(conditions: readonly Condition[] | undefined): unknown[];
};
const system = { workers: { count: 2 }, pollers: [] };

it('the line at the top is not green while more events run than are looked at', () => {
  expect(systemText(system)).toEqual({ well: true, text: '● 2 workers' });
  expect(systemText({ ...system, notShown: ['over'] })).toEqual({ well: true, text: '● 2 workers' });
  expect(systemText({ ...system, notShown: ['running', 'over'] })).toEqual({
    well: false,
    text: '▲ 2 workers; more events run than are shown here and looked at',
  });
});

it('an event that is not looked at says so, and one with which nothing is wrong says nothing', () => {
  expect(textOf(conditionSection(undefined))).toBe(
    'NowWhether something is wrong is not looked at: more events run than the board shows. `showcaller status` looks.',
  );
  expect(conditionSection([])).toEqual([]);
  expect(itemsIn(conditionSection([{ name: 'slow', since: 0, message: 'start takes long' }]))).toHaveLength(1);
});

import { expect, it } from 'vitest';
import { itemsIn, pageFile, pageHarness } from './page-harness.ts';

interface State {
  connected: boolean;
  over?: boolean;
  problem?: { status: number; title: string; detail: string };
}

pageHarness();
const { troubleText } = (await pageFile('stream.js')) as { troubleText(state: State, since: number): string };
const { pendingSteps, unreadSteps } = (await pageFile('records.js')) as {
  pendingSteps(steps: object[]): unknown[];
  unreadSteps(error: Error): { textContent: string }[];
};

const gone = { status: 404, title: 'Not found', detail: 'there is no event final' };

it('the page of an event says that it tries again only while it does, and why it gave up', () => {
  expect(troubleText({ connected: false }, 0)).toMatch(/: the board is not connected; it tries again$/);
  expect(troubleText({ connected: true, problem: { ...gone, detail: 'no worker answers' } }, 0)).toMatch(
    /: no worker answers$/,
  );
  expect(troubleText({ connected: false, over: true, problem: gone }, 0)).toBe(
    'there is no event final; the board does not try again',
  );
});

it('steps that cannot be read are not shown as none', () => {
  const problem = { status: 503, title: 'Unavailable', detail: 'Temporal does not answer' };
  const texts = (drawn: { textContent: string }[]) => drawn.map(({ textContent }) => textContent);
  expect(texts(unreadSteps(Object.assign(new Error('x'), { problem })))).toEqual([
    'Steps in progress',
    'not read: Temporal does not answer',
  ]);
  expect(texts(unreadSteps(new Error('unexpected end of JSON')))[1]).toBe('not read: unexpected end of JSON');
});

it('a step that was tried before is shown with the reason, one of which nothing failed is not', () => {
  expect(itemsIn(pendingSteps([{ name: 'stop', attempt: 2, reason: 'not yet' }]))).toEqual(['stop attempt 2not yet']);
  expect(pendingSteps([{ name: 'stop', attempt: 1 }])).toEqual([]);
});

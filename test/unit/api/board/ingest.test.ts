import { expect, it } from 'vitest';
import { itemsIn, pageFile, pageHarness } from './page-harness.ts';

pageHarness();
const { addresses } = (await pageFile('ingest.js')) as { addresses(answer: object): unknown[] };

it('says of which leg there is no address, and why', () => {
  const missing = [{ leg: 'main', reason: 'alibaba-oss does not answer; try again' }, { reason: 'it pulls' }];
  expect(itemsIn(addresses({ endpoints: [], missing }))).toEqual([
    'No address of leg main: alibaba-oss does not answer; try again',
    'No address: it pulls',
  ]);
  expect(addresses({ endpoints: [] })).toEqual([false]);
});

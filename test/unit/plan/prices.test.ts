import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Json } from '../../../domain/json.ts';
import { readPriceList } from '../../../plan/prices.ts';
import { vendors } from '../../../vendors/registry.ts';

it('the example of a price list has a price for each thing that a vendor bills by time, and for nothing else', () => {
  const text = readFileSync(new URL('../../../docs/prices.example.json', import.meta.url), 'utf8');
  const read = readPriceList(JSON.parse(text) as Json);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const priced = read.value.prices.map(({ vendor, resource, state }) => `${vendor}: ${resource}, ${state}`);
  const billed = vendors.flatMap(({ name, bills }) =>
    bills.map(({ resource, state }) => `${name}: ${resource}, ${state}`),
  );
  expect(new Set(priced)).toEqual(new Set(billed));
});

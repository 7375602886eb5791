import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Json } from '../../../domain/json.ts';
import { readPriceList } from '../../../plan/prices.ts';
import { vendors } from '../../../vendors/registry.ts';

const textOf = (file: string) => readFileSync(new URL(`../../../docs/${file}`, import.meta.url), 'utf8');
const billed = vendors.flatMap(({ name, bills }) =>
  bills.map(({ resource, state }) => ({ name, what: `${resource}, ${state}` })),
);

it('the example of a price list has published prices alone: each says where, and what has none is named with the reason', () => {
  const read = readPriceList(JSON.parse(textOf('prices.example.json')) as Json);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const { prices } = read.value;
  for (const price of prices) {
    expect(billed).toContainEqual({ name: price.vendor, what: `${price.resource}, ${price.state}` });
    expect(price.source).toMatch(/https:\/\/\S+.*\d{4}-\d\d-\d\d|\d{4}-\d\d-\d\d.*https:\/\/\S+/);
  }
  const rows = textOf('money.md').split('\n');
  const withoutPrice = billed.filter(
    ({ name, what }) => !prices.some((price) => price.vendor === name && `${price.resource}, ${price.state}` === what),
  );
  for (const { name, what } of withoutPrice) {
    const row = rows.find((line) => line.startsWith(`| \`${name}\``) && line.includes(what));
    expect(row, `${name}: ${what}`).toContain('not found');
  }
});

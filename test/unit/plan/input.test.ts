import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../../plan/check.ts';
import { fakeVendors } from './fake-vendors.ts';

const check = (input: unknown) => checkPlan(input, { now: 0, vendors: fakeVendors });
const sound = { eventId: 'a', vendor: 'able', duration: '1h' };

function onlyProblem(input: unknown) {
  const checked = check(input);
  return checked.ok ? undefined : checked.problems;
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i += 1) value = { a: value };
  return value;
}

describe('an input that is no plan at all', () => {
  const itself: Record<string, unknown> = {};
  itself.again = itself;

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /not nothing/],
    ['null', null, /not null/],
    ['a text', '{"vendor":"able"}', /not a string/],
    ['a number', 7, /not a number/],
    ['a list', [sound], /not a list/],
    ['a function', () => sound, /not a function/],
    ['what becomes a text as JSON', new Date(0), /not a string/],
    ['what contains itself', itself, /contains itself/],
    ['what JSON does not know', { ...sound, title: 1n }, /does not know/],
    ['what is too big', { ...sound, title: 'x'.repeat(300_000) }, /at most 256 KiB/],
    ['what is too big in bytes', { ...sound, title: 'ü'.repeat(150_000) }, /at most 256 KiB/],
    ['what nests too deep', { ...sound, vendorOptions: nested(17) }, /at most 16 levels/],
    ['what nests absurdly deep', { ...sound, vendorOptions: nested(50_000) }, /plain JSON|levels deep|KiB/],
  ])('is refused with one problem: %s', (_, input, message) => {
    expect(onlyProblem(input)).toEqual([{ path: '', message: expect.stringMatching(message) }]);
  });
});

describe('an input that means harm', () => {
  it.each(['__proto__', 'constructor', 'prototype', 'toString'])('cannot name a field %s', (name) => {
    const input = JSON.parse(`{"eventId":"a","vendor":"able","duration":"1h","${name}":{"polluted":true}}`);
    expect(onlyProblem(input)?.map(({ path }) => path)).toEqual([name]);
    const below = JSON.parse(
      `{"eventId":"a","vendor":"able","duration":"1h","vendorOptions":{"${name}":{"polluted":true}}}`,
    );
    expect(onlyProblem(below)?.map(({ path }) => path)).toEqual([`vendorOptions.${name}`]);
    expect('polluted' in {}).toBe(false);
  });

  it('cannot name a vendor after what every object has', () => {
    expect(onlyProblem({ ...sound, vendor: 'constructor' })?.map(({ path }) => path)).toEqual(['vendor']);
  });

  it('inherits nothing', () => {
    expect(
      onlyProblem(Object.create(sound))
        ?.map(({ path }) => path)
        .sort(),
    ).toEqual(['endsAt', 'eventId', 'vendor']);
  });

  it('cannot make the answer huge with long names', () => {
    const problems = onlyProblem({ ...sound, ['x'.repeat(100_000)]: 'y'.repeat(100_000) });
    expect(JSON.stringify(problems).length).toBeLessThan(1_000);
  });

  it('is answered with a plan or with problems, never with an exception', () => {
    const plan = fc.record(
      {
        eventId: fc.string(),
        vendor: fc.constantFrom('able', 'plain', 'other'),
        duration: fc.constantFrom('1h', '', 'x'),
        startsAt: fc.oneof(fc.string(), fc.constant('2026-12-01T18:00:00Z')),
        waits: fc.jsonValue(),
        overrun: fc.jsonValue(),
        sources: fc.array(fc.oneof(fc.webUrl(), fc.string())),
        vendorOptions: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue(), plan), (input) => {
        const checked = check(input);
        if (!checked.ok) expect(checked.problems.length).toBeGreaterThan(0);
      }),
    );
  });
});

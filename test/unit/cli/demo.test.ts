import { expect, it } from 'vitest';
import { vendorsOfLegs } from '../../../cli/demo.ts';

it('`demo --legs` has the legs in the order of the command, also twice at one vendor', () => {
  expect(vendorsOfLegs(['volcengine-live', 'aws-ivs'])).toEqual(['volcengine-live', 'aws-ivs']);
  expect(vendorsOfLegs(['aws-ivs', 'aws-ivs'])).toEqual(['aws-ivs', 'aws-ivs']);
  expect(vendorsOfLegs(undefined)).toHaveLength(2);
});

it.each([[['aws-ivs']], [['aws-ivs', 'alibaba-oss', 'volcengine-live']]])(
  '`demo --legs` refuses %j before anything is started',
  (named) => {
    expect(() => vendorsOfLegs(named)).toThrow(`--legs plays two vendors, and ${named.length} are named`);
  },
);

it('`demo --legs` refuses a vendor that has no simulator', () => {
  expect(() => vendorsOfLegs(['aws-ivs', 'nope'])).toThrow('there is no simulator of nope');
});

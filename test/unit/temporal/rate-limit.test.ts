import { expect, it } from 'vitest';
import { networkOf } from '../../../temporal/rate-limit.ts';

it.each([
  ['10.1.2.3', '10.1.2.3'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:db8::2', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
])('the address %s belongs to %s', (ip, network) => {
  expect(networkOf(ip)).toBe(network);
});

import { expect, it } from 'vitest';
import type { Bill } from '../../../../domain/usage/billing.ts';
import { type PlannedUse, plannedSpans } from '../../../../domain/usage/planned.ts';

const use: PlannedUse = {
  event: 'final',
  vendor: 'v',
  account: 'default',
  vendorOptions: {},
  standby: false,
  pulls: false,
  allocateAt: 10,
  opensAt: 20,
  startsAt: 30,
  endsAt: 90,
};

it.each<[string, Bill, Partial<PlannedUse>, [number, number] | undefined]>([
  ['a running channel', { resource: 'r', state: 'running' }, {}, [20, 90]],
  ['an encoder', { resource: 'r', state: 'input' }, {}, [30, 90]],
  ['a standby of the plan', { resource: 'r', state: 'standby' }, { standby: true }, [10, 20]],
  ['a standby that the plan does not want', { resource: 'r', state: 'standby' }, {}, undefined],
  ['a relay of a vendor that pulls', { resource: 'r', state: 'running', optional: true }, { pulls: true }, [20, 90]],
  ['a relay where the encoder pushes', { resource: 'r', state: 'running', optional: true }, {}, undefined],
  ['what the events of the account share', { resource: 'r', state: 'running', goesOn: true }, {}, undefined],
])('what is planned to be billed of %s', (_, bill, given, span) => {
  expect(plannedSpans({ ...use, ...given }, [bill]).map(({ from, to }) => [from, to])).toEqual(span ? [span] : []);
});

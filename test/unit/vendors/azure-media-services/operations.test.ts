import { beforeEach, describe, expect, it } from 'vitest';
import { isOf } from '../../../../vendors/azure-media-services/operations.ts';
import type { VendorDriver } from '../../../../vendors/driver.ts';
import { reach, refusalOf } from '../../../contract/reach.ts';
import { type AzureHarness, openHarness, specOf, vendor } from '../../../support/azure-media-services-harness.ts';
import { onAir } from './azure-driver-harness.ts';

let w: AzureHarness;
let driver: VendorDriver;
beforeEach(async () => {
  w = await openHarness();
  driver = w.driver();
});

const always = 1_000;
const words = /accepted, and then failed: No capacity is left in the region/;
const asked = (operation: string) =>
  w.kit.log.entries().filter((entry) => entry.operation === operation && entry.method !== 'GET').length;
const failsLater = (operation: string, times = always) =>
  w.kit.faults.add(vendor, { operation, kind: 'fail-later', times });

const standby = { ...specOf('warm'), standby: true };

describe('an operation that was accepted and then fails', () => {
  it.each([
    ['LiveEvents_Create', async () => reach(() => driver.allocate(specOf('show')))],
    ['LiveEvents_Allocate', async () => reach(() => driver.allocate(standby))],
    [
      'LiveEvents_Start',
      async () => {
        const channel = await reach(() => driver.allocate(specOf('show')));
        return reach(() => driver.start(channel));
      },
    ],
  ])('%s is asked for ten times, and its words are kept', async (operation, work) => {
    failsLater(operation);
    const refusal = await refusalOf(work);
    expect(refusal.message).toMatch(words);
    expect(refusal.facts).toMatchObject({ kind: 'unknown', operation, code: 'OperationFailed' });
    expect(asked(operation)).toBe(10);
  });

  it.each(['LiveEvents_Stop', 'LiveEvents_Delete'])(
    '%s is asked again after the show until it succeeds',
    async (operation) => {
      const channel = await onAir(driver, 'show');
      failsLater(operation, 2);
      const seen: string[] = [];
      const step = () =>
        driver.cleanUp(channel.ref).catch((error: unknown) => {
          seen.push(String(error));
          throw error;
        });
      await reach(step, 'after-show');
      expect(seen).toEqual([expect.stringMatching(words), expect.stringMatching(words)]);
      expect(asked(operation)).toBe(3);
      expect(w.simulator.resources().filter(({ kind }) => kind === 'liveEvent')).toEqual([]);
    },
  );
});

describe('an address of an outcome', () => {
  it('is asked only where the account is: it would be given the token', () => {
    expect(isOf('https://a.example', 'https://a.example/operations/1')).toBe(true);
    for (const url of ['https://b.example/operations/1', 'http://a.example/', 'https://a.example.b/', '/operations/1'])
      expect(isOf('https://a.example', url)).toBe(false);
  });
});

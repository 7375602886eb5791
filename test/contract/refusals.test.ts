import { describe, expect, it } from 'vitest';
import type { VendorErrorKind } from '../../domain/errors.ts';
import type { FaultKind } from '../../simulators/kit/types.ts';
import { fieldsOf } from '../../vendors/account-variables.ts';
import type { VendorManifest } from '../../vendors/manifest.ts';
import { vendors } from '../../vendors/registry.ts';
import { withHarness } from './contract-harness.ts';
import { reach, refusalOf } from './reach.ts';
import { eventFor, opened } from './show.ts';

const everyCall = 1_000_000;

interface Refused {
  kind: VendorErrorKind;
  operation: string;
  advice?: string;
  code?: string;
}

/** Nothing of the show waits for these: `playback` says what is missing for viewers. */
const beside = ['StreamingEndpoints_Start'];

/** The error of each change on the way to an open channel when the vendor refuses it, and the resources that remain. */
async function refusedOnTheWay(manifest: VendorManifest, kind: FaultKind) {
  const { changes } = await withHarness(manifest, {}, async (harness) => {
    await opened(harness.driver, eventFor(harness, 'refused'));
    return { changes: [...harness.calls.changes].filter((one) => !beside.includes(one)) };
  });
  const refused: Refused[] = [];
  for (const operation of changes) {
    await withHarness(manifest, {}, async (harness) => {
      harness.kit.faults.add(manifest.name, { operation, kind, times: everyCall });
      const { facts } = await refusalOf(() => opened(harness.driver, eventFor(harness, 'refused')));
      refused.push({ kind: facts.kind, operation: facts.operation, advice: facts.advice, code: facts.code });
      harness.kit.faults.clear();
      await reach(() => harness.driver.cleanUp(harness.driver.refOf(eventFor(harness, 'refused'))), 'after-show');
      expect(harness.added().filter(({ billed }) => billed)).toEqual([]);
    });
  }
  return { operations: changes, refused };
}

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent.for([
    ['quota', 'quota-exceeded'],
    ['unauthorized', 'unauthorized'],
    ['invalid', 'invalid-request'],
  ] as const)('says so at once when the vendor answers any change with %s', async ([fault, kind]) => {
    const { operations, refused } = await refusedOnTheWay(manifest, fault);
    expect(refused.map(({ operation }) => operation)).toEqual(operations);
    expect(refused.filter((one) => one.kind !== kind)).toEqual([]);
    expect(operations.length).toBeGreaterThan(0);
    if (fault !== 'invalid') expect(refused.filter(({ advice }) => !advice)).toEqual([]);
  });

  it.concurrent('makes nothing with credentials that the vendor refuses, and says which to check', () =>
    withHarness(manifest, {}, async (harness) => {
      const wrong = Object.fromEntries(
        fieldsOf(manifest)
          .filter(({ key, secret }) => secret && harness.account.settings[key])
          .map(({ key }) => [key, 'not-the-secret']),
      );
      expect(Object.keys(wrong)).not.toEqual([]);
      const driver = await harness.anotherDriver(wrong);
      const before = harness.sim.made();
      const event = eventFor(harness, 'foreign');
      for (const call of [
        () => driver.allocate(event),
        () => driver.cleanUp(driver.refOf(event)),
        () => driver.owned(),
      ]) {
        const { facts } = await refusalOf(call);
        expect(facts).toMatchObject({ kind: 'unauthorized', advice: expect.stringMatching(/\w+/) });
      }
      expect(harness.sim.made()).toEqual(before);
    }));

  it.concurrent('names the option it does not know and asks the vendor for nothing', () =>
    withHarness(manifest, {}, async (harness) => {
      const event = eventFor(harness, 'options', { options: { noSuchOption: true } });
      const { kind, message } = await refusalOf(() => harness.driver.allocate(event));
      expect(kind).toBe('invalid-request');
      expect(message).toContain('noSuchOption');
      expect(harness.kit.log.entries()).toEqual([]);
    }));
});

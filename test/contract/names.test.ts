import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VendorError } from '../../domain/errors.ts';
import { eventIdPattern, eventKey, isEventKey, workflowIdOf } from '../../domain/ids.ts';
import type { VendorDriver } from '../../vendors/driver.ts';
import { vendors } from '../../vendors/registry.ts';
import { withHarness } from './contract-harness.ts';
import { reach } from './reach.ts';
import { allocateAsManyAsAllowed, listed } from './show.ts';

const idCharacters = [...'abcXYZ0189._:-'];
const eventIds = fc
  .array(fc.constantFrom(...idCharacters), { minLength: 1, maxLength: 100 })
  .map((letters) => letters.join(''))
  .filter((id) => eventIdPattern.test(id));
const eventKeys = fc
  .tuple(eventIds, fc.option(fc.constantFrom('acme', 'Acme', 'a b', 'a_20b', 'a-b', 'show'), { nil: undefined }))
  .map(([id, tenant]) => eventKey(id, tenant))
  .filter(isEventKey);

/** Ids that rules of names mix up: case, look-alike replacements, dashes at the end, cuts at every usual length. */
const nastyIds = [
  'Show', 'show', 'SHOW', 'a.b', 'a_b', 'a:b', 'a-b', 'a--b', 'a-', 'a', '0', 'a..b', 'a_3Ab', 'x.m3u8', 'con', 'default',
  'show-2026-12-01T18:00:00Z', 'acme/show', 'acme-show', 'acme_2Fshow', 'Acme/show', 'a_20b/show', `${'n'.repeat(40)}1`, `${'n'.repeat(40)}2`, `${'w'.repeat(75)}1`, `${'w'.repeat(75)}2`,
]; // biome-ignore format: a list of words

/** At the others `Show` and `show` are two names. */
const comparesWithoutCase = new Set(['azure-media-services']);

const refOf = (driver: VendorDriver, eventId: string) => driver.refOf({ eventId, workflowId: workflowIdOf(eventId) });

/** The name, or nothing when the vendor cannot have one for this id and says so. */
function nameOf(driver: VendorDriver, eventId: string): string | undefined {
  try {
    return refOf(driver, eventId).name;
  } catch (error) {
    if (error instanceof VendorError && error.kind === 'invalid-request') return undefined;
    throw error;
  }
}

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('names a channel without asking the vendor, always in the same way, never twice', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver, kit } = harness;
      const other = await harness.anotherDriver();
      fc.assert(
        fc.property(eventKeys, eventKeys, (one, two) => {
          const name = nameOf(driver, one);
          expect(nameOf(other, one)).toBe(name);
          if (name !== undefined && one !== two) expect(nameOf(driver, two)).not.toBe(name);
        }),
      );
      expect(kit.log.entries()).toEqual([]);
    }));

  it.concurrent('gives no name twice: not to twins in case, to ids that were cut, nor to an id made of the name of another', () =>
    withHarness(manifest, {}, async ({ driver }) => {
      const key = (id: string) => {
        const name = nameOf(driver, id);
        return comparesWithoutCase.has(manifest.name) ? name?.toLowerCase() : name;
      };
      const idsAlike = fc
        .tuple(fc.constantFrom(...idCharacters), fc.integer({ min: 0, max: 85 }), eventIds)
        .map(([letter, length, tail]) => `a${letter.repeat(length)}${tail}`.slice(0, 100));
      fc.assert(
        fc.property(fc.oneof(eventIds, idsAlike), fc.integer({ min: 1, max: 20 }), (id, cut) => {
          const name = nameOf(driver, id);
          if (name === undefined) return;
          const crafted = [name, name.slice(name.indexOf('-') + 1), name.slice(0, -cut), `${id.slice(0, -1)}_`];
          const twins = [
            id.toUpperCase(),
            id.toLowerCase(),
            id.replaceAll('.', '-'),
            id.replaceAll(':', '_'),
            `${id.slice(0, 99)}-`,
          ];
          for (const other of [...crafted, ...twins]) {
            if (other !== id && eventIdPattern.test(other)) expect([other, key(other)]).not.toEqual([other, key(id)]);
          }
        }),
        { numRuns: 500 },
      );
    }));

  it.concurrent('keeps a name of the event, also one that is a run’s own, and none of another event', () =>
    withHarness(manifest, {}, async ({ driver }) => {
      fc.assert(
        fc.property(eventKeys, eventKeys, fc.uuid(), fc.uuid(), (one, two, run, another) => {
          const named = (eventId: string, more: { run?: string; kept?: string } = {}) =>
            driver.refOf({ eventId, workflowId: workflowIdOf(eventId), ...more }).name;
          if (nameOf(driver, one) === undefined || nameOf(driver, two) === undefined) return;
          const name = named(one, { run });
          expect(named(one, { kept: name })).toBe(name);
          expect(named(one, { run: another, kept: name })).toBe(name);
          if (one !== two) expect(named(two, { run, kept: name })).not.toBe(name);
        }),
      );
    }));

  it.concurrent('says whose the channel is and where', () =>
    withHarness(manifest, {}, async ({ driver, account }) => {
      const workflowId = workflowIdOf('whose');
      expect(refOf(driver, 'whose')).toMatchObject({ vendor: manifest.name, account: account.name, workflowId });
    }));

  it.concurrent('makes a channel of its own for every event id, or refuses the id with advice', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const possible = nastyIds.filter((eventId) => nameOf(driver, eventId) !== undefined);
      expect(possible.length).toBeGreaterThan(nastyIds.length / 2);
      for (let waiting = possible; waiting.length > 0; ) {
        const refs = await allocateAsManyAsAllowed(harness, waiting);
        expect(refs.map(({ name }) => name)).toEqual(waiting.slice(0, refs.length).map((id) => nameOf(driver, id)));
        const { items } = await listed(harness);
        expect(items.map(({ name }) => name).sort()).toEqual(refs.map(({ name }) => name).sort());
        for (const ref of refs) await reach(() => driver.cleanUp(ref), 'after-show');
        waiting = waiting.slice(refs.length);
      }
    }));
});

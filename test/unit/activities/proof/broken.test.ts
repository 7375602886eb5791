import { describe, expect, test } from 'vitest';
import { checkNames } from '../../../../activities/proof/checks.ts';
import { proveAsset } from '../../../../activities/proof/prove.ts';
import { mediaCases } from './media-cases.ts';
import { input } from './recording.ts';
import { sampleCases } from './sample-cases.ts';
import { textCases } from './text-cases.ts';

const cases = [...textCases, ...mediaCases, ...sampleCases];

describe('a recording is not proved that has', () => {
  test.each(cases)('$what', async ({ check, also = [], detail, store, given }) => {
    const proof = await proveAsset(input(store(), given));
    expect(proof.proved).toBe(false);
    expect(proof.checks.find(({ name }) => name === check)?.detail).toMatch(detail);
    const failed = proof.checks.filter((c) => !c.ok && !c.detail?.startsWith('not checked: '));
    expect(failed.map(({ name }) => name).sort()).toEqual([check, ...also].sort());
  });

  test('any of the twelve faults: each check has been seen to fail', () => {
    expect(new Set(cases.map(({ check }) => check))).toEqual(new Set(checkNames));
  });
});

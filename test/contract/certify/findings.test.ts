import { describe, expect, it } from 'vitest';
import { Contradiction, NotTestable, type PromiseFinding, PromiseFindings } from '../../../certify/findings.ts';
import { checksOf, type PromiseId, promises } from '../../../certify/promises.ts';
import { VendorError } from '../../../domain/errors.ts';

const ids = Object.keys(promises) as PromiseId[];
const why = 'it was ended: SIGINT';
const of = (findings: PromiseFindings, promise: PromiseId): PromiseFinding | undefined =>
  findings.all(why).find((one) => one.promise === promise);

/** Every promise, as often as it has checks. */
function everythingConfirmed(but: PromiseId[] = []): PromiseFindings {
  const findings = new PromiseFindings();
  for (const id of ids)
    if (!but.includes(id)) for (let times = 0; times < (checksOf[id] ?? 1); times += 1) findings.confirm(id);
  return findings;
}

describe('a promise', () => {
  it('is confirmed when every check of it held', () => {
    expect(
      everythingConfirmed()
        .all(why)
        .filter(({ verdict }) => verdict !== 'confirmed'),
    ).toEqual([]);
  });

  it.each(Object.entries(checksOf) as [PromiseId, number][])(
    'that has more than one check is not confirmed by fewer: %s',
    (promise, checks) => {
      const findings = everythingConfirmed([promise]);
      for (let times = 1; times < checks; times += 1) {
        findings.confirm(promise, `check ${times}`);
        expect(of(findings, promise)).toMatchObject({
          verdict: 'not testable',
          detail: expect.stringMatching(`${times} of ${checks} checks held; check 1.*; then: ${why}`),
        });
        expect(of(findings, promise)?.lacking).toBeUndefined();
      }
      findings.confirm(promise);
      expect(of(findings, promise)?.verdict).toBe('confirmed');
    },
  );

  it.each(ids)('that was not come to is not confirmed: %s', (promise) => {
    expect(of(everythingConfirmed([promise]), promise)).toMatchObject({ verdict: 'not testable', detail: why });
  });

  it.each(ids)(
    'that could not be tested, or was contradicted, is not confirmed by what comes before or after: %s',
    async (promise) => {
      const faults = [
        () => new NotTestable('nothing there'),
        () => new Contradiction('otherwise'),
        () => new VendorError({ kind: 'unavailable', vendor: 'aws-ivs', operation: 'x', message: 'down' }),
      ];
      for (const fault of faults) {
        const findings = everythingConfirmed();
        await findings.check(promise, () => Promise.reject(fault()));
        for (let times = 0; times < 9; times += 1) findings.confirm(promise);
        expect(of(findings, promise)?.verdict).not.toBe('confirmed');
      }
    },
  );

  it('is lacking at the vendor only when nothing else kept it from being tested', async () => {
    const lacking = () => Promise.reject(new NotTestable('the vendor has none', { lacking: true }));
    const down = () => Promise.reject(new NotTestable('the network is down'));
    const verdictOf = async (...checks: (() => Promise<never>)[]) => {
      const findings = everythingConfirmed();
      for (const check of checks) await findings.check('sessions', check);
      return of(findings, 'sessions')?.lacking;
    };
    expect(await verdictOf(lacking)).toBe(true);
    expect(await verdictOf(lacking, lacking)).toBe(true);
    expect(await verdictOf(lacking, down)).toBeUndefined();
    expect(await verdictOf(down, lacking)).toBeUndefined();
  });
});

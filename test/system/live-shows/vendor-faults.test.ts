import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventFor } from '../../../certify/steps.ts';
import type { EventStatus } from '../../../domain/report.ts';
import type { FaultKind, LogEntry } from '../../../simulators/kit/types.ts';
import { vendorNamed } from '../../../vendors/registry.ts';
import { secretsIn } from '../../support/secrets.ts';
import { isProved, ShowHarness, vendorNames } from '../../support/show-harness.ts';

/** A call longer than this is a hang; short, so that a test need not wait for many. */
const impatient = (env: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.keys(env)
      .filter((variable) => /_(ENDPOINT|HOST)$/.test(variable) && !/_(S3|IAM)_/.test(variable))
      .map((variable) => [variable.replace(/_(ENDPOINT|HOST)$/, '_TIMEOUT_MS'), '600']),
  );

const openHarness = async (slowness?: number) => {
  const harness = await ShowHarness.open({ settings: impatient, slowness });
  // Waits grow with every error in a row, and there are many.
  await harness.work(0.03);
  return harness;
};

const reads = /^(Get|List|Describe|Generate|Auth|Simulate)|_(Get|List)/;
const mutates = ({ method, operation }: LogEntry): boolean =>
  !['GET', 'HEAD', 'OPTIONS'].includes(method) && !reads.test(operation);

/** More than the preflight asks of one call. */
const mostLooks = 3;

interface Outcome {
  report: EventStatus;
  made: Record<string, number>;
  left: number;
}

/** A whole run with an encoder, on a vendor that no other test uses. */
async function perform(harness: ShowHarness, vendor: string): Promise<Outcome> {
  const show = await harness.show(vendor);
  await show.airs(3000);
  await show.stopNow();
  const report = await show.result();
  const { texts } = await show.history();
  expect(secretsIn(texts, [...harness.accounts.secrets(), ...harness.keys])).toEqual([]);
  return { report, made: harness.made(vendor), left: harness.left(vendor).length };
}

const trouble = ({ report, left }: Outcome) => ({
  endReason: report.endReason,
  released: report.released,
  windows: report.windows.length,
  proved: isProved(report) || report.vod,
  troubles: report.troubles,
  left,
});

const noTrouble = { endReason: 'stopped-by-operator', released: true, windows: 1, proved: true, troubles: [], left: 0 };

/** The calls of a happy run that change something, in the order of their first use. */
const changes = new Map<string, string[]>();
/** The show goes on without it: the status says what viewers lack. */
const forViewers = 'StreamingEndpoints_Start';
/**
 * Those of them that come before the show, and that it cannot go on without. What both the preflight and the end of a show ask
 * for is left out, because the preflight meets the fault first: test/contract/refusals has those.
 */
const early = new Map<string, string[]>();
const made = new Map<string, Record<string, number>>();

beforeAll(async () => {
  const harness = await openHarness();
  // A look that is cut off on a busy machine would be missing from those of the preflight.
  const patient = await ShowHarness.open();
  await Promise.all(
    vendorNames.map(async (vendor) => {
      const manifest = vendorNamed(vendor);
      if (!manifest) throw new Error(`there is no vendor ${vendor}`);
      const driver = await patient.drivers(vendor, 'default');
      await driver.preflight(eventFor(manifest, 'looked-at'), async () => ({ events: 0 }));
      const looks = new Set(patient.calls(vendor).map(({ operation }) => operation));
      const outcome = await perform(harness, vendor);
      expect(trouble(outcome)).toEqual(noTrouble);
      made.set(vendor, outcome.made);
      const calls = harness.calls(vendor).filter(mutates);
      const open = outcome.report.entered['waiting-for-encoder'] ?? 0;
      const later = new Set(calls.filter(({ at }) => at >= open).map(({ operation }) => operation));
      const names = (entries: LogEntry[]) => [...new Set(entries.map(({ operation }) => operation))];
      changes.set(vendor, names(calls));
      early.set(
        vendor,
        names(
          calls.filter(
            ({ at, operation }) =>
              at < open && !(looks.has(operation) && later.has(operation)) && operation !== forViewers,
          ),
        ),
      );
    }),
  );
  await harness.close();
  await patient.close();
});

const passing: [string, FaultKind[]][] = [
  ['refused, cut or never answered', ['throttle', 'unavailable', 'reset', 'hang']],
  ['applied without an answer', ['lose-response']],
];

describe.concurrent.each(passing)('when every changing call is at first %s', (_words, kinds) => {
  it('every vendor’s run ends as if nothing had happened, with one channel made and none left', async () => {
    const harness = await openHarness();
    try {
      for (const [vendor, operations] of changes)
        for (const operation of operations)
          for (const kind of kinds) harness.simulators.kit.faults.add(vendor, { operation, kind });
      const outcomes = await Promise.all(
        vendorNames.map(async (vendor) => ({ vendor, ...(await perform(harness, vendor)) })),
      );
      for (const outcome of outcomes) {
        const { vendor } = outcome;
        const why = JSON.stringify(outcome.report, undefined, 1);
        expect({ vendor, ...trouble(outcome) }, why).toEqual({ vendor, ...noTrouble });
        expect({ vendor, ...outcome.made }).toEqual({ vendor, ...made.get(vendor) });
        const unhit = (changes.get(vendor) ?? []).flatMap((operation) =>
          kinds.filter((fault) => harness.simulators.kit.log.entries({ vendor, operation, fault }).length === 0),
        );
        expect({ vendor, unhit }).toEqual({ vendor, unhit: [] });
      }
    } finally {
      await harness.close();
    }
  });
});

/** With how many tries a step has. */
const final: [FaultKind, string, RegExp, number][] = [
  ['quota', 'quota-exceeded', /quota|limit|maximum|exceed|too many/i, 10],
  ['unauthorized', 'unauthorized', /unauthori|denied|forbidden|credential|token|signature|access/i, 1],
  ['invalid', 'invalid-request', /./, 1],
];
const ends: readonly (string | undefined)[] = ['allocation-failed', 'start-failed', 'output-failed'];

describe('a refusal that does not pass', () => {
  let harness: ShowHarness;
  beforeAll(async () => {
    harness = await openHarness(0.01);
  });
  afterAll(() => harness.close());

  it.concurrent.each(vendorNames)('ends the run on %s with its own reason, and leaves nothing', async (vendor) => {
    const seen: string[] = [];
    for (const operation of early.get(vendor) ?? []) {
      for (const [fault, kind, words, tries] of final) {
        harness.simulators.kit.faults.add(vendor, { operation, kind: fault, times: mostLooks + tries });
        const show = await harness.show(vendor);
        const report = await show.result();
        const label = `${operation} ${fault}: ${report.endReason}: ${report.endDetail}`;
        seen.push(label);
        expect(ends, label).toContain(report.endReason);
        expect(report, label).toMatchObject({ phase: 'failed', released: true, troubles: [{ kind }] });
        expect(report.endDetail, label).toMatch(words);
        expect(report.endDetail, label).toContain(operation.split('_').at(-1));
        expect(harness.leftOf(show), label).toEqual([]);
        harness.simulators.kit.faults.clear(vendor);
      }
    }
    expect(seen.length).toBeGreaterThan(0);
  });
});

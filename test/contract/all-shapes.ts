import { describe, expect, it } from 'vitest';
import type { EventSpec } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import type { Progress, VendorDriver } from '../../vendors/driver.ts';
import { vendors } from '../../vendors/registry.ts';
import { type ContractHarness, withHarness } from './contract-harness.ts';
import { oddAnswers } from './odd-answers.ts';
import { reach } from './reach.ts';
import { eventFor, type Opened, opened, push, untilEncoder } from './show.ts';

type Step = (driver: VendorDriver, event: EventSpec, scene: Opened) => Promise<unknown>;

/** What must not be believed while no answer has the vendor's shape. */
const steps: Readonly<Record<string, Step>> = {
  allocate: (driver, event) => driver.allocate(event),
  start: (driver, _event, { channel }) => driver.start(channel),
  createOutput: (driver, _event, { channel }) => driver.createOutput(channel),
  observe: (driver, _event, { channel }) => driver.observe(channel),
  listLive: (driver, _event, { channel }) => driver.listLive?.() ?? driver.observe(channel),
  reset: (driver, _event, { channel }) => driver.reset(channel),
  stop: (driver, _event, { channel, output }) => driver.stop(channel, output),
  publishVod: (driver, _event, { channel, output }) =>
    driver.publishVod(channel, output, [{ from: 0, to: Date.now() }]),
  cleanUp: (driver, _event, { channel }) => driver.cleanUp(channel.ref),
  ingest: (driver, _event, { channel }) => driver.ingest(channel),
  owned: (driver) => driver.owned(),
};

/** The steps with a promise about the account, each from an open channel or from what comes before it. */
const promises: Readonly<
  Record<string, { before(harness: ContractHarness, event: EventSpec): Promise<Partial<Opened>>; step: PromisedStep }>
> = {
  allocate: { before: async () => ({}), step: (driver, event) => driver.allocate(event) },
  start: {
    before: async ({ driver }, event) => ({ channel: await reach(() => driver.allocate(event)) }),
    step: (driver, _event, { channel }) => driver.start(present(channel)),
  },
  createOutput: {
    before: async ({ driver }, event) => {
      const channel = await reach(() => driver.allocate(event));
      await reach(() => driver.start(channel));
      return { channel };
    },
    step: (driver, _event, { channel }) => driver.createOutput(present(channel)),
  },
  stop: {
    before: ({ driver }, event) => opened(driver, event),
    step: (driver, _event, { channel, output }) => driver.stop(present(channel), output),
  },
  cleanUp: {
    before: ({ driver }, event) => opened(driver, event),
    step: (driver, event) => driver.cleanUp(driver.refOf(event)),
  },
};
type PromisedStep = (driver: VendorDriver, event: EventSpec, scene: Partial<Opened>) => Promise<Progress<unknown>>;

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the scene has none');
  return value;
}

const said = (error: unknown): string =>
  error instanceof VendorError ? `${error.kind}: ${error.facts.message}` : `no VendorError: ${String(error)}`;

/** Retried for as long as it lasts, or at least some times; never taken for the vendor's word. */
const triedAgain = /^(unavailable|unknown): .+/;

/** What a vendor never sends, and what a step may not take for its own success. */
export const unlikely = ['an HTML page', '{}', 'an envelope without a result', 'a 204', 'the right body as plain text'];
/** What is no answer of the vendor, whatever is read of it. */
const wrongBodies = Object.keys(oddAnswers).filter((odd) => oddAnswers[odd]?.kind !== 'mislabel');

/** What is drawn of all that may be asked; at length that is everything. */
export interface Drawn {
  /** With which of `unlikely` the call of this number is answered. */
  ofUnlikely(call: number): readonly string[];
  /** Whether the step, or the look, of this number meets the answer of that number. */
  meets(step: number, odd: number): boolean;
}

export function noShapeIsBelieved(drawn: Drawn): void {
  describe.concurrent.each(vendors)('$name', (manifest) => {
    it.concurrent('takes what is no answer of the vendor for neither success nor absence', () =>
      withHarness(manifest, {}, async (harness) => {
        const { driver, kit } = harness;
        const event = eventFor(harness, 'odd');
        const scene = await opened(driver, event);
        const there = harness.ofEvents();
        const wrong: Record<string, string> = {};
        for (const [i, odd] of wrongBodies.entries()) {
          const asked = Object.entries(steps).filter((_, step) => drawn.meets(step, i));
          for (const [name, step] of asked) {
            kit.log.clear();
            kit.faults.add(manifest.name, { operation: '*', ...oddAnswers[odd] } as never);
            const outcome = await step(driver, event, scene).then((value) => `success: ${JSON.stringify(value)}`, said);
            kit.faults.clear();
            if (harness.operations().length > 0 && !triedAgain.test(outcome)) wrong[`${odd}: ${name}`] = outcome;
          }
          expect({ odd, left: harness.ofEvents() }).toEqual({ odd, left: there });
        }
        expect(wrong).toEqual({});
      }));

    it.concurrent('never says that a connected encoder is absent, whichever call is answered oddly', () =>
      withHarness(manifest, {}, async (harness) => {
        const { driver, kit } = harness;
        const { channel } = await opened(driver, eventFor(harness, 'sending'));
        const encoder = await push(driver, channel);
        await untilEncoder(driver, channel, 'connected');
        kit.log.clear();
        await driver.observe(channel);
        await driver.listLive?.();
        const lies: string[] = [];
        const looks = [
          async () => (await driver.observe(channel)).encoder === 'absent',
          async () => (await driver.listLive?.())?.length === 0,
        ];
        for (const operation of new Set(harness.operations())) {
          for (const [i, [odd, fault]] of Object.entries(oddAnswers).entries()) {
            for (const isAbsent of looks.filter((_, look) => drawn.meets(look, i))) {
              kit.faults.add(manifest.name, { operation, ...fault } as never);
              const lie = await isAbsent().catch(() => false);
              kit.faults.clear();
              if (lie) lies.push(`${operation} answered with ${odd}`);
            }
          }
        }
        expect(lies).toEqual([]);
        await encoder.stop();
        await encoder.done;
      }));

    it.concurrent.for(Object.keys(promises))(
      'has done what it says is done, whichever call of %s is answered oddly',
      async (name) => {
        const { before, step } = present(promises[name]);
        await withHarness(manifest, {}, async (harness) => {
          const { driver, kit, sim } = harness;
          const perform = async (eventId: string, fault?: { operation: string; odd: string }) => {
            const event = eventFor(harness, eventId);
            const others = new Set(sim.resources().map(idOf));
            const scene = await before(harness, event);
            kit.log.clear();
            let done = false;
            if (fault) {
              kit.faults.add(manifest.name, { operation: fault.operation, ...oddAnswers[fault.odd] } as never);
              for (let tries = 0; tries < 3 && !done; tries += 1) {
                done = (await step(driver, event, scene).catch(() => ({ done: false }))).done;
              }
              kit.faults.clear();
            } else {
              await reach(() => step(driver, event, scene), 'after-show');
              done = true;
            }
            const operations = new Set(harness.operations().filter((one) => !one.includes(':')));
            const account = sim
              .resources()
              .filter((one) => !others.has(idOf(one)) && !isShared(one))
              .map(({ kind, state, billed }) => `${kind} ${state ?? ''} ${billed}`)
              .sort();
            await reach(() => driver.cleanUp(driver.refOf(event)), 'after-show');
            return { done, operations, account };
          };
          const rightly = await perform('right');
          const lies: string[] = [];
          for (const [i, operation] of [...rightly.operations].entries()) {
            for (const odd of drawn.ofUnlikely(i)) {
              const { done, account } = await perform(
                `x-${operation.slice(0, 30)}-${Object.keys(oddAnswers).indexOf(odd)}`,
                { operation, odd },
              );
              if (done && JSON.stringify(account) !== JSON.stringify(rightly.account))
                lies.push(
                  `${operation} answered with ${odd}: ${account.join(', ')} instead of ${rightly.account.join(', ')}`,
                );
            }
          }
          expect(lies).toEqual([]);
        });
      },
    );
  });
}

const idOf = ({ kind, name }: { kind: string; name: string }): string => `${kind} ${name}`;

/** What the events of an account share is made once and stays. */
const isShared = ({ kind }: { kind: string }): boolean => kind === 'recording-configuration';

import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { certify } from '../../certify/certify.ts';
import { createKit } from '../../simulators/kit/kit.ts';
import { simulators } from '../../simulators/registry.ts';
import { fieldsOf, variableOf } from '../../vendors/account-variables.ts';
import type { Accounts } from '../../vendors/accounts.ts';
import type { VendorDriver } from '../../vendors/driver.ts';
import { driversOf } from '../../vendors/drivers.ts';
import { lookAheadOfAll } from '../../vendors/look-ahead.ts';
import type { VendorManifest } from '../../vendors/manifest.ts';
import { vendors } from '../../vendors/registry.ts';
import { accountsFrom, driverContext } from '../support/accounts.ts';
import { preparedPlan } from '../unit/domain/plans.ts';
import { refusalOf } from './reach.ts';

/** Half of it looks like a folder of an address that holds a token, and the other half does not. */
const key = 'mGZwg8lU9KfQkZ/1ZHuSWq2szEEHO88yytEDBilO';
/** Of another account, with what begins a query. */
const othersKey = 'hush-Kf93?hQ2lWmZx81';
const halves = [...key.split('/'), ...othersKey.split('?')];

const words = `the key "${key}" (${encodeURIComponent(key)}) signed for https://h.example/a?sig=${key}, not ${othersKey}.`;
const long = `${'the request is refused, '.repeat(11)}${words}`;
const json = 'application/json';
const xml = (message: string) =>
  `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`;

/** A refusal in the form of each vendor, which repeats the keys. */
const refusals: Readonly<Record<string, (message: string) => { contentType: string; body: string }>> = {
  'alibaba-oss': (message) => ({ contentType: 'application/xml', body: xml(message) }),
  'azure-media-services': (message) => ({
    contentType: json,
    body: JSON.stringify({ error: { code: 'AuthorizationFailed', message } }),
  }),
  'aws-ivs': (message) => ({
    contentType: json,
    body: JSON.stringify({ __type: 'AccessDeniedException', exceptionMessage: message, message }),
  }),
  'volcengine-live': (message) => ({
    contentType: json,
    body: JSON.stringify({
      ResponseMetadata: { RequestId: '1', Action: 'X', Error: { Code: 'AccessDenied', Message: message } },
    }),
  }),
};

interface Echoing {
  accounts: Accounts;
  driver: VendorDriver;
}

/** A vendor that repeats the keys of two accounts in each answer, and what the processes of ours open for it. */
async function withEcho(
  manifest: VendorManifest,
  message: string,
  scene: (echoing: Echoing) => Promise<void>,
  status = 403,
) {
  const kit = createKit();
  const sim = await simulators.find(({ vendor }) => vendor === manifest.name)?.start(kit, { slowness: 0 });
  const refusal = refusals[manifest.name]?.(message);
  if (!sim || !refusal) throw new Error(`${manifest.name}: there is no simulator, or no refusal`);
  try {
    const fields = fieldsOf(manifest);
    const env: Record<string, string> = {};
    for (const field of fields) {
      const given = sim.env[variableOf(manifest, 'default', field)];
      if (given === undefined) continue;
      env[variableOf(manifest, 'default', field)] = field.secret ? key : given;
      env[variableOf(manifest, 'other', field)] = field.secret ? othersKey : given;
    }
    const accounts = accountsFrom(env, [manifest]);
    const answer = { status, ...refusal };
    kit.faults.add(manifest.name, { operation: '*', kind: 'answer', times: Number.POSITIVE_INFINITY, answer });
    await scene({ accounts, driver: await driversOf(accounts, driverContext)(manifest.name, 'default') });
  } finally {
    await sim.close();
  }
}

/** A certification knows the keys of its account alone. */
const halvesOfKey = (text: string): string[] => key.split('/').filter((half) => text.includes(half));
const halvesIn = (text: string): string[] => halves.filter((half) => text.includes(half));

describe.concurrent.each(vendors.filter(({ name }) => refusals[name]))('$name', (manifest) => {
  it.concurrent.each([
    ['***', words],
    ['the request is refused', long],
  ])('gives no error that repeats a key of an account, after %s', (said, message) =>
    withEcho(manifest, message, async ({ driver }) => {
      const error = await refusalOf(() => driver.owned());
      expect(error.message).toContain(said);
      const shown = [error.message, JSON.stringify(error.facts), inspect(error, { depth: 20, showHidden: true })];
      expect(shown.flatMap(halvesIn)).toEqual([]);
    }),
  );

  it.concurrent('gives no finding that repeats one', () =>
    withEcho(manifest, words, async ({ accounts, driver }) => {
      const plan = preparedPlan({ vendor: manifest.name, startsAt: Date.now() + 60_000, endsAt: Date.now() + 120_000 });
      const drivers = async () => driver;
      const look = await lookAheadOfAll([{ plan }], { accounts, drivers, planned: async () => ({ events: 0 }) });
      expect(look.findings.some(({ message }) => message.includes('***'))).toBe(true);
      expect(halvesIn(JSON.stringify(look))).toEqual([]);
    }));

  it.concurrent('is certified without a word of one', () =>
    withEcho(
      manifest,
      words,
      async ({ accounts }) => {
        const account = accounts.get(manifest.name, 'default');
        if (!account) throw new Error('there is no account');
        const said: string[] = [];
        const { certification } = await certify({
          ...{ manifest, account, http: driverContext.http, hooks: {}, eventId: 'certify-1', options: {} },
          limits: { runningMs: 1_000, stepMs: 50, windowMs: 100, recordingMs: 50, cleanUpMs: 50 },
          timeScale: 0.001,
          signal: new AbortController().signal,
          say: (line) => said.push(line),
        });
        const shown = said.join() + JSON.stringify(certification);
        expect(shown).toContain('***');
        expect(halvesOfKey(shown)).toEqual([]);
        const promise = certification.findings.find((one) => one.promise === 'secrets');
        expect(promise).toMatchObject({ verdict: 'contradicted', detail: expect.stringContaining('a failure of ') });
      },
      503,
    ));
});

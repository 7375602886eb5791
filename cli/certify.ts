import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type CertifyInput, certify, cleanUpAlone, isPassed } from '../certify/certify.ts';
import type { RunLimits } from '../certify/check-run.ts';
import { recordedShow } from '../certify/record.ts';
import {
  certificationLines,
  certificationMarkdown,
  dryList,
  releaseAdvice,
  verdictText,
} from '../certify/report-text.ts';
import type { WireExchange } from '../certify/wire.ts';
import { orThrow } from '../domain/configuration/checked.ts';
import type { JsonObject } from '../domain/json.ts';
import { messageOf } from '../domain/message-of.ts';
import type { Accounts } from '../vendors/accounts.ts';
import { readVendorConfig } from '../vendors/config.ts';
import { createHttp } from '../vendors/http.ts';
import { vendorNamed } from '../vendors/registry.ts';
import { limitedCalls } from '../worker/rates.ts';
import { answer, FailedResult, say, UsageError } from './io.ts';
import { sourcesWith } from './sources.ts';

export interface CertifyFlags {
  account: string;
  yes?: boolean;
  minutes: number;
  seconds: number;
  vendorOptions?: string;
  out: string;
  cleanUp?: string;
  record?: string;
  json?: boolean;
}

const minute = 60_000;
const limitsOf = ({ minutes, seconds }: CertifyFlags): RunLimits => ({
  runningMs: minutes * minute,
  stepMs: 15 * minute,
  windowMs: seconds * 1_000,
  // Volcengine calls a recording final more than an hour after the last frame.
  recordingMs: 90 * minute,
  cleanUpMs: 60 * minute,
});

/** Plays the show after a question, writes the report, and fails unless every promise was confirmed. */
export async function runCertify(flags: CertifyFlags): Promise<void> {
  const { accounts, network } = orThrow(readVendorConfig(sourcesWith({}), () => ({})));
  const http = createHttp(network);
  const interrupt = interruptions();
  try {
    const input: CertifyInput = {
      ...chosen(accounts, flags),
      http,
      hooks: limitedCalls(1),
      eventId: flags.cleanUp ?? `certify-${Date.now().toString(36)}`,
      limits: limitsOf(flags),
      timeScale: 1,
      signal: interrupt.signal,
      say,
    };
    const names = { vendor: input.manifest.name, account: input.account.name, eventId: input.eventId };
    const advice = `it may still be there, and billed: ${releaseAdvice(names)}`;
    if (flags.cleanUp !== undefined) {
      interrupt.follows = 'the clean-up ends after the call that is under way';
      interrupt.advice = advice;
      return await releaseOnly(input, flags, advice);
    }
    fits(flags);
    const files = filesOf(flags, names);
    for (const path of Object.values(files)) if (path !== undefined) canBeWritten(path);
    await agreed(input, flags, interrupt.signal);
    interrupt.follows = 'the show ends, and the clean-up follows';
    interrupt.advice = advice;
    say(`should this process be killed: ${releaseAdvice(names)}`);
    const exchanges: WireExchange[] = [];
    const exchanged = (exchange: WireExchange) => exchanges.push(exchange);
    const { certification, secrets } = await certify({ ...input, ...(flags.record && { exchanged }) });
    // A disk that is full by now takes the files, not the answer.
    answer(flags.json, certification, () => certificationLines(certification));
    const { record } = files;
    writeAll([
      ['report', files.json, () => `${JSON.stringify(certification, null, 2)}\n`],
      ['report', files.markdown, () => certificationMarkdown(certification)],
      ['recorded', record, () => `${JSON.stringify(recordedShow(exchanges, { ...input, secrets }), null, 2)}\n`],
    ]);
    if (!isPassed(certification)) throw new FailedResult(verdictText(certification));
  } finally {
    interrupt.end();
    http.close();
  }
}

const ownEvent = /^certify-[0-9a-z]+$/;

async function releaseOnly(input: CertifyInput, { json }: CertifyFlags, advice: string): Promise<void> {
  // The channel of another event may be on air.
  if (!ownEvent.test(input.eventId))
    throw new UsageError(`--clean-up ${input.eventId}: no certification has that id; they begin with certify-`);
  const released = await cleanUpAlone(input);
  const { outcome, notReleased, why } = released;
  const lines = {
    released: `${input.eventId} is released`,
    'nothing-seen':
      `the account lists nothing of ${input.eventId}, and nothing was seen to be released: ` +
      'it was released before, or the id or the account is another',
    'not-released': `NOT RELEASED: ${notReleased?.id ?? notReleased?.name}: ${why}; ${advice}`,
  };
  answer(json, { released: outcome === 'released', ...released }, () => lines[outcome]);
  if (outcome === 'not-released') throw new FailedResult(outcome);
}

/** A show that its own limit ends is paid for and says little. */
function fits({ seconds, minutes }: CertifyFlags): void {
  if (2 * seconds >= 60 * minutes)
    throw new UsageError(`--seconds ${seconds}, twice, do not fit into --minutes ${minutes}: less of the former`);
}

interface Files {
  json: string;
  markdown: string;
  record: string | undefined;
}

function filesOf({ out, record }: CertifyFlags, { vendor, account }: { vendor: string; account: string }): Files {
  const base = join(out, `certify-${vendor}-${account}`);
  const recorded = record === undefined ? undefined : join(record, `recorded-${vendor}-${account}.json`);
  return { json: `${base}.json`, markdown: `${base}.md`, record: recorded };
}

/** Before anything is made: a show whose report cannot be kept is not played. */
function canBeWritten(path: string): void {
  const dir = dirname(path);
  try {
    mkdirSync(dir, { recursive: true });
    rmdirSync(mkdtempSync(join(dir, '.certify-')));
    if (existsSync(path)) closeSync(openSync(path, 'r+'));
  } catch (cause) {
    throw new UsageError(`cannot write ${path}: ${messageOf(cause)}`, { cause });
  }
}

function chosen(accounts: Accounts, { account: given, vendorOptions = '{}' }: CertifyFlags) {
  const all = accounts.all().map(({ vendor, account }) => ({ name: `${vendor}/${account.name}`, vendor, account }));
  const fitting = all.filter(({ name, account }) => name === given || account.name === given);
  const [found] = fitting;
  if (!found || fitting.length > 1) {
    const which = (found ? fitting : all).map(({ name }) => name).join(', ') || 'none';
    throw new UsageError(`--account ${given} ${found ? 'may be' : 'is not configured; there is'} ${which}`);
  }
  const manifest = vendorNamed(found.vendor);
  if (!manifest) throw new UsageError(`there is no vendor ${found.vendor}`);
  let options: unknown;
  try {
    options = JSON.parse(vendorOptions);
  } catch (error) {
    throw new UsageError('--vendor-options is not JSON', { cause: error });
  }
  const checked = manifest.options.safeParse(options);
  if (!checked.success) {
    const problems = checked.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`);
    throw new UsageError(`--vendor-options: ${problems.join('; ')}`);
  }
  return { manifest, account: found.account, options: options as JsonObject };
}

/** The dry list, and a yes: typed, or given as a flag. */
async function agreed(input: CertifyInput, { yes }: CertifyFlags, signal: AbortSignal): Promise<void> {
  const { createDriver } = await input.manifest.load();
  const driver = createDriver(input.account, { hooks: {}, http: input.http });
  const { name } = driver.refOf({ eventId: input.eventId, workflowId: '' });
  say(...dryList(input.manifest, input.account, name, input.limits));
  if (yes) return;
  if (!process.stdin.isTTY) throw new UsageError('it costs money: say --yes, or run it in a terminal to be asked');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const typed = await lines
    .question('Type yes to go on: ', { signal })
    .catch(() => '')
    .finally(() => lines.close());
  if (typed.trim().toLowerCase() !== 'yes') throw new UsageError('nothing was made');
}

/** What a real account said is for the eyes of its owner. */
const owner = { mode: 0o600 };

/** Each, whatever becomes of the others; fails when one could not be written. */
function writeAll(files: readonly (readonly [what: string, path: string | undefined, text: () => string])[]): void {
  const failures = files.flatMap(([what, path, text]) => {
    if (path === undefined) return [];
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text(), owner);
      say(`${what}: ${path}`);
      return [];
    } catch (error) {
      return [`cannot write ${path}: ${messageOf(error)}`];
    }
  });
  if (failures.length > 0) throw new Error(`${failures.join('; ')}; what was found stands above`);
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const crashes = ['uncaughtException', 'unhandledRejection'] as const;

/** A signal, a failure that nothing caught: each ends the show, and the clean-up follows. A second signal ends at once. */
function interruptions() {
  const controller = new AbortController();
  const interrupt = { signal: controller.signal, follows: 'nothing was made yet', advice: 'nothing was made', end };
  function stop(signal: NodeJS.Signals) {
    if (controller.signal.aborted) {
      say(`ended before the clean-up was done; ${interrupt.advice}`);
      process.exit(130);
    }
    say(`${signal}: ${interrupt.follows}; the same again ends at once`);
    controller.abort(new Error(signal));
  }
  function crash(error: unknown) {
    controller.abort(error);
  }
  function end() {
    for (const signal of signals) process.off(signal, stop);
    for (const kind of crashes) process.off(kind, crash);
  }
  for (const signal of signals) process.on(signal, stop);
  for (const kind of crashes) process.on(kind, crash);
  return interrupt;
}

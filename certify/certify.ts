import type { ChannelRef, EventSpec } from '../domain/channel.ts';
import type { JsonObject } from '../domain/json.ts';
import { type Redact, redactor } from '../domain/redact.ts';
import type { CallHooks } from '../vendors/call.ts';
import type { VendorDriver } from '../vendors/driver.ts';
import type { HttpClient } from '../vendors/http.ts';
import type { Account, VendorManifest } from '../vendors/manifest.ts';
import { type CheckRun, type Limits, stopEncoders } from './check-run.ts';
import { cleanUp } from './clean-up.ts';
import { type Finding, Findings, ShowEnded, type Transition } from './findings.ts';
import { type Heard, recorded } from './recorded-calls.ts';
import { leaksIn, secretsOf } from './secrets.ts';
import { type Shown, show } from './show.ts';
import { eventFor } from './steps.ts';
import { type WireExchange, watchWire } from './wire.ts';

export interface CertifyInput {
  manifest: VendorManifest;
  account: Account;
  /** Its own: its agents are watched. */
  http: HttpClient;
  /** Around each call; the rate of the account. */
  hooks: CallHooks;
  eventId: string;
  /** `vendorOptions` of the show. */
  options: JsonObject;
  limits: Limits;
  timeScale: number;
  /** Aborted by the operator: the clean-up follows. */
  signal: AbortSignal;
  say(line: string): void;
  /** Sees every exchange with the vendor, secrets and all. */
  exchanged?(exchange: WireExchange): void;
}

/** What came of the promises at one account. Carries no secret. */
export interface Certification {
  vendor: string;
  account: string;
  eventId: string;
  channel: string;
  startedAt: string;
  /** `incomplete`: nothing was contradicted, and the show did not come to its end. */
  outcome: 'confirmed' | 'contradicted' | 'incomplete';
  /** Why the show did not come to its end. */
  why?: string;
  findings: Finding[];
  transitions: Transition[];
  /** How long the channel ran, from its start to the end of its clean-up. Milliseconds. */
  runningMs: number;
  /** What may still be there, and billed. */
  notReleased?: ChannelRef;
}

/** Certification, and what its secrets were, to scrub what was recorded. */
export interface Certified {
  certification: Certification;
  secrets: ReadonlySet<string>;
}

/** Plays one short show on the account and checks every promise. Cleans up on every way out. Rejects only before anything was made. */
export async function certify(input: CertifyInput): Promise<Certified> {
  const startedAt = new Date();
  const heard: Heard = { calls: [], endpoints: [] };
  const ended = new AbortController();
  const end = (reason: unknown) => ended.abort(reason);
  const interrupted = () => end(input.signal.reason);
  if (input.signal.aborted) interrupted();
  input.signal.addEventListener('abort', interrupted, { once: true });
  const billing = billingOf(input.limits, end);
  const run = await checkRunOf(input, { heard, signal: ended.signal, running: billing.begin });
  const shown: Partial<Shown> = {};
  let why: string | undefined;
  try {
    await show(run, shown);
  } catch (error) {
    why = whyEnded(error, ended.signal);
  }
  await stopEncoders(run);
  const notReleased = await cleanUp(run, shown).catch((error: unknown) => {
    why ??= `the clean-up failed: ${textOf(error)}`;
    return run.ref;
  });
  input.signal.removeEventListener('abort', interrupted);
  const secrets = secretsOf(input.manifest, input.account, heard.endpoints, [run.ref.name]);
  leaks(run, heard, secrets);
  const runningMs = billing.end();
  return { certification: reportOf(run, { startedAt, why, notReleased, runningMs }, redactor(secrets)), secrets };
}

/** Deletes what an earlier try left, from its event id alone. */
export async function cleanUpAlone(input: CertifyInput): Promise<ChannelRef | undefined> {
  const heard: Heard = { calls: [], endpoints: [] };
  const run = await checkRunOf(input, { heard, signal: input.signal, running: () => undefined });
  return cleanUp(run, {});
}

/** The clock of what is billed by the minute, which ends the show in time. */
function billingOf({ runningMs }: Limits, end: (reason: unknown) => void) {
  let begunAt: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  return {
    begin: () => {
      begunAt = performance.now();
      timer = setTimeout(() => end(new Error('the minutes that it may cost are used up')), runningMs);
    },
    end: () => {
      clearTimeout(timer);
      return begunAt === undefined ? 0 : Math.round(performance.now() - begunAt);
    },
  };
}

async function checkRunOf(
  input: CertifyInput,
  { heard, signal, running }: { heard: Heard; signal: AbortSignal; running: () => void },
): Promise<CheckRun> {
  const { manifest, account, eventId, options, limits, timeScale, say } = input;
  const calls: string[] = [];
  const lost: string[] = [];
  let losing = false;
  const wire = watchWire(input.http, (exchange) => input.exchanged?.(exchange));
  const hooks: CallHooks = {
    acquire: async (...call) => {
      await input.hooks.acquire?.(...call);
      const [, , operation, mutates] = call;
      calls.push(operation);
      if (!losing || !mutates) return;
      losing = false;
      lost.push(operation);
      wire.loseNextAnswer();
    },
    settled: (event) => input.hooks.settled?.(event),
  };
  const { createDriver } = await manifest.load();
  const driver: VendorDriver = recorded(createDriver(account, { hooks, http: wire.http }), heard);
  const spec: Partial<EventSpec> = { account: account.name, title: 'showcaller certify', options };
  const event = eventFor(manifest, eventId, spec);
  return {
    manifest,
    account,
    driver,
    event,
    findings: new Findings(),
    heard,
    limits,
    timeScale,
    signal,
    ref: driver.refOf(event),
    encoders: new Set(),
    calls,
    loseNextChange: () => {
      losing = true;
    },
    lost,
    say,
    running,
  };
}

function whyEnded(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return `it was ended: ${textOf(signal.reason)}`;
  if (error instanceof ShowEnded) return error.message;
  return `the show failed: ${textOf(error)}`;
}

function leaks({ findings }: CheckRun, heard: Heard, secrets: ReadonlySet<string>): void {
  const found = leaksIn(heard.calls, secrets);
  if (found.length > 0) findings.contradict('secrets', found.join('; '));
  else if (heard.endpoints.length > 0) findings.confirm('secrets');
  else findings.notTestable('secrets', 'the driver gave no push address');
}

interface Ending {
  startedAt: Date;
  why: string | undefined;
  notReleased: ChannelRef | undefined;
  runningMs: number;
}

function reportOf(run: CheckRun, { startedAt, why, notReleased, runningMs }: Ending, redact: Redact): Certification {
  const { manifest, account, event, findings, ref } = run;
  const found = findings.all(why ?? 'the show did not come to it');
  const contradicted = found.some(({ verdict }) => verdict === 'contradicted');
  const complete = why === undefined && notReleased === undefined;
  const certification: Certification = {
    vendor: manifest.name,
    account: account.name,
    eventId: event.eventId,
    channel: ref.name,
    startedAt: startedAt.toISOString(),
    outcome: contradicted ? 'contradicted' : complete ? 'confirmed' : 'incomplete',
    ...(why !== undefined && { why }),
    findings: found,
    transitions: findings.transitions,
    runningMs,
    ...(notReleased && { notReleased }),
  };
  return JSON.parse(redact(JSON.stringify(certification))) as Certification;
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

import type { ChannelRef, EventSpec } from '../domain/channel.ts';
import type { JsonObject } from '../domain/json.ts';
import { messageOf } from '../domain/message-of.ts';
import { type Redact, redactor } from '../domain/redact.ts';
import { type CallHooks, definitelyRefused } from '../vendors/call.ts';
import type { HttpClient } from '../vendors/http.ts';
import type { Account, MadeByEvent, VendorManifest } from '../vendors/manifest.ts';
import { masked } from '../vendors/masked.ts';
import { openUnmasked } from '../vendors/place.ts';
import { type Answers, type CheckRun, ownChannels, type RunLimits, stopEncoders, waitsOf } from './check-run.ts';
import { cleanUp } from './clean-up.ts';
import { type PromiseFinding, PromiseFindings, ShowEnded, type Transition } from './findings.ts';
import { type Heard, recorded } from './recorded-calls.ts';
import { leaksIn, secretsOf } from './secrets.ts';
import { type MadeByShow, show } from './show.ts';
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
  limits: RunLimits;
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
  /**
   * `confirmed`: every promise. `confirmed-in-part`: the show came to its end, nothing was contradicted, and not every promise
   * could be tested. `incomplete`: nothing was contradicted, and the show did not come to its end.
   */
  outcome: 'confirmed' | 'confirmed-in-part' | 'contradicted' | 'incomplete';
  /** Why the show did not come to its end. */
  why?: string;
  findings: PromiseFinding[];
  transitions: Transition[];
  /** How long the channel ran: from its start until its stop was seen, or else until it was released. Milliseconds. */
  runningMs: number;
  /** What may still be there, and billed. */
  notReleased?: ChannelRef;
  /** What a show leaves behind on purpose, and how it is billed; empty when the vendor was asked to change nothing. */
  stays: readonly MadeByEvent[];
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
  const run = await checkRunOf(input, { heard, signal: ended.signal, billing });
  const shown: Partial<MadeByShow> = {};
  let why: string | undefined;
  try {
    await show(run, shown);
  } catch (error) {
    why = whyEnded(error, ended.signal);
  }
  await stopEncoders(run);
  const release = run.answers.changes === 0 ? nothingMade(run) : cleanUp(run, shown);
  const notReleased = await release.catch((error: unknown) => {
    why ??= `the clean-up failed: ${messageOf(error)}`;
    return run.ref;
  });
  input.signal.removeEventListener('abort', interrupted);
  const secrets = secretsOf(input.manifest, input.account, heard.endpoints, [run.ref.name]);
  leaks(run, heard, secrets);
  const runningMs = billing.end();
  return { certification: reportOf(run, { startedAt, why, notReleased, runningMs }, redactor(secrets)), secrets };
}

/** What became of what an earlier try left. */
export interface LeftoverOutcome {
  /** `nothing-seen`: the account lists nothing of that id, and what it might not list was closed all the same. */
  outcome: 'released' | 'nothing-seen' | 'not-released';
  /** What may still be there, and billed. */
  notReleased?: ChannelRef;
  /** Carries no secret. */
  why?: string;
}

/** Releases what an earlier try left, from its event id alone. The signal ends it. */
export async function cleanUpAlone(input: CertifyInput): Promise<LeftoverOutcome> {
  const heard: Heard = { calls: [], endpoints: [] };
  const billing = { begin: () => undefined, stopped: () => undefined };
  const run = await checkRunOf(input, { heard, signal: input.signal, billing });
  const redact = redactor(secretsOf(input.manifest, input.account, []));
  const failed = (notReleased: ChannelRef, why: string): LeftoverOutcome => ({
    outcome: 'not-released',
    notReleased,
    why: redact(why),
  });
  try {
    const own = await ownChannels(run, waitsOf(run, input.limits.cleanUpMs));
    const notReleased = await cleanUp(run, {}, input.signal);
    const found = run.findings.all('').find(({ promise }) => promise === 'clean-up');
    if (notReleased) return failed(notReleased, found?.detail ?? 'its end was not seen');
    return { outcome: own.length > 0 ? 'released' : 'nothing-seen' };
  } catch (error) {
    return failed(run.ref, messageOf(error));
  }
}

/** The clock of what is billed by the minute, which ends the show in time. */
function billingOf({ runningMs }: RunLimits, end: (reason: unknown) => void) {
  let begunAt: number | undefined;
  let ranMs: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const stopped = () => {
    clearTimeout(timer);
    if (begunAt !== undefined) ranMs ??= Math.round(performance.now() - begunAt);
  };
  return {
    begin: () => {
      begunAt = performance.now();
      timer = setTimeout(() => end(new Error('the minutes that it may cost are used up')), runningMs);
    },
    /** What is waited for afterwards costs no minute. */
    stopped,
    end: () => {
      stopped();
      return ranMs ?? 0;
    },
  };
}

async function checkRunOf(
  input: CertifyInput,
  { heard, signal, billing }: { heard: Heard; signal: AbortSignal; billing: { begin(): void; stopped(): void } },
): Promise<CheckRun> {
  const { manifest, account, eventId, options, limits, timeScale, say } = input;
  const calls: string[] = [];
  const lost: string[] = [];
  const answers: Answers = { accepted: false, changes: 0 };
  const changing = new Set<string>();
  let losing = false;
  const wire = watchWire(input.http, (exchange) => input.exchanged?.(exchange));
  const hooks: CallHooks = {
    acquire: async (...call) => {
      await input.hooks.acquire?.(...call);
      const [, , operation, mutates] = call;
      calls.push(operation);
      if (!mutates) return;
      changing.add(operation);
      if (!losing) return;
      wire.loseNextAnswer(() => {
        losing = false;
        lost.push(operation);
      });
    },
    settled: (event) => {
      wire.keepAnswers();
      if (!event.error) answers.accepted = true;
      if (changing.has(event.operation) && !(event.error && definitelyRefused(event.error))) answers.changes += 1;
      input.hooks.settled?.(event);
    },
  };
  const secrets = [...secretsOf(manifest, account, [])];
  // The promise is about what the driver itself says: masked is what is shown.
  const driver = masked(recorded(await openUnmasked(manifest, account, { hooks, http: wire.http }), heard), secrets);
  const spec: Partial<EventSpec> = { account: account.name, title: 'showcaller certify', options };
  const event = eventFor(manifest, eventId, spec);
  return {
    manifest,
    account,
    driver,
    event,
    findings: new PromiseFindings(),
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
    answers,
    http: wire.http,
    say,
    running: billing.begin,
    stopped: billing.stopped,
  };
}

async function nothingMade({ findings, say }: CheckRun): Promise<undefined> {
  say('the vendor changed nothing for us: there is nothing to release');
  findings.notTestable('clean-up', 'nothing was made');
}

function whyEnded(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return `it was ended: ${messageOf(signal.reason)}`;
  if (error instanceof ShowEnded) return error.message;
  return `the show failed: ${messageOf(error)}`;
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
  const complete = why === undefined && notReleased === undefined;
  const certification: Certification = {
    vendor: manifest.name,
    account: account.name,
    eventId: event.eventId,
    channel: ref.name,
    startedAt: startedAt.toISOString(),
    outcome: outcomeOf(found, complete),
    ...(why !== undefined && { why }),
    findings: found,
    transitions: findings.transitions,
    runningMs,
    ...(notReleased && { notReleased }),
    stays: run.answers.changes === 0 ? [] : manifest.makes.filter(({ kept }) => kept),
  };
  return JSON.parse(redact(JSON.stringify(certification))) as Certification;
}

function outcomeOf(found: readonly PromiseFinding[], complete: boolean): Certification['outcome'] {
  if (found.some(({ verdict }) => verdict === 'contradicted')) return 'contradicted';
  if (!complete) return 'incomplete';
  return found.every(({ verdict }) => verdict === 'confirmed') ? 'confirmed' : 'confirmed-in-part';
}

/** Nothing was contradicted, and what could not be tested is what the vendor does not have. */
export const isPassed = ({ outcome, findings }: Certification): boolean =>
  outcome === 'confirmed' ||
  (outcome === 'confirmed-in-part' && findings.every(({ verdict, lacking }) => verdict === 'confirmed' || lacking));

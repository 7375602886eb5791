import type { ChannelRef, EventSpec } from '../domain/channel.ts';
import { type Encoder, type EncoderEnd, startEncoder } from '../simulators/kit/encoder.ts';
import type { VendorDriver } from '../vendors/driver.ts';
import type { HttpClient } from '../vendors/http.ts';
import type { Account, VendorManifest } from '../vendors/manifest.ts';
import { type MutationCounter, runWith } from '../vendors/under-way.ts';
import type { PromiseFindings } from './findings.ts';
import type { Heard } from './recorded-calls.ts';
import { listed } from './steps.ts';
import { until, type Waits } from './waits.ts';

/** How long and how much. Milliseconds. */
export interface RunLimits {
  /** From the start of the channel until its stop was seen: so long it is billed by the minute. */
  runningMs: number;
  /** One step of the vendor's. */
  stepMs: number;
  /** How long one window of the encoder is. */
  windowMs: number;
  /** From the stop until the vendor has published the recording and it is proved. */
  recordingMs: number;
  cleanUpMs: number;
}

/** What every check has. */
export interface CheckRun {
  manifest: VendorManifest;
  account: Account;
  driver: VendorDriver;
  event: EventSpec;
  findings: PromiseFindings;
  heard: Heard;
  limits: RunLimits;
  timeScale: number;
  /** Aborted when the show must end: by the operator, or because its minutes are used up. */
  signal: AbortSignal;
  /** The name before anything was made, afterwards what the driver returned. */
  ref: ChannelRef;
  encoders: Set<Encoder>;
  /** The vendor's calls so far, oldest first. */
  calls: string[];
  /** The next call that changes something loses its answer; when that was so, its name is in `lost`. */
  loseNextChange(): void;
  readonly lost: readonly string[];
  /** What the vendor's answers say of the whole account so far. */
  readonly answers: Answers;
  /** How a viewer asks. */
  http: HttpClient;
  say(line: string): void;
  /** Called when the channel begins to be billed by the minute. */
  running(): void;
  /** Called when it is not billed any more. */
  stopped(): void;
}

export interface Answers {
  /** A call of this process succeeded: its credentials are right. */
  accepted: boolean;
  /** Calls that changed something, or may have. */
  changes: number;
}

export const waitsOf = (run: CheckRun, limitMs = run.limits.stepMs): Waits => ({
  timeScale: run.timeScale,
  limitMs,
  signal: run.signal,
  waiting: (what) => run.say(`  waiting: ${what}`),
  // A wrong secret stays wrong; rights that worked may come back in a moment.
  unauthorizedMs: () => (run.answers.accepted ? rightsComeBackMs * run.timeScale : 0),
});

const rightsComeBackMs = 60_000;

/**
 * Asks a step that is done already once more: the same must be said, and nothing changed. `overwrites`: what it changes
 * again is the same, as a playlist that is written over.
 */
export async function askAgain<T>(
  run: CheckRun,
  method: string,
  first: T,
  step: () => Promise<T>,
  { overwrites = false } = {},
): Promise<void> {
  const counter: MutationCounter = { count: 0 };
  const before = run.calls.length;
  await run.findings.check(
    'idempotence',
    async () => {
      const second = await runWith({ counter }, step);
      const calls = run.calls.slice(before).join(', ');
      if (counter.count > 0 && !overwrites)
        run.findings.contradict('idempotence', `${method} made a change again (${calls})`);
      if (JSON.stringify(second) !== JSON.stringify(first)) {
        run.findings.contradict('idempotence', `${method} gave something else when it was asked again`);
      }
    },
    () => method,
  );
}

/** The channels of this show, as the listing of the account has them. */
export const ownChannels = async (run: CheckRun, waits = waitsOf(run)): Promise<ChannelRef[]> => {
  const { items } = await listed(run, waits);
  return items.filter(({ workflowId }) => workflowId === run.event.workflowId);
};

/** Pushes as soon as the channel lets the encoder in. It is stopped at the end of the show at the latest. */
export async function pushed(run: CheckRun, url: string): Promise<Encoder> {
  const encoder = await until(() => startEncoder({ url }), waitsOf(run), Math.max(100, 1_000 * run.timeScale));
  run.encoders.add(encoder);
  return encoder;
}

/** How the encoder ended, or undefined when it still sends after this long. */
export async function endOf(run: CheckRun, encoder: Encoder, limitMs: number): Promise<EncoderEnd | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, limitMs, undefined);
  });
  const end = await Promise.race([encoder.done, late]);
  clearTimeout(timer);
  if (end) run.encoders.delete(encoder);
  return end;
}

export async function stopEncoders({ encoders }: Pick<CheckRun, 'encoders'>): Promise<void> {
  await Promise.all([...encoders].map((encoder) => encoder.drop()));
  encoders.clear();
}

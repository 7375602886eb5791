import type { Plan } from '../domain/plan.ts';
import type { EventStatus } from '../domain/report.ts';
import { type EncoderSource, findFfmpeg } from '../simulators/kit/encoder.ts';
import { simulators } from '../simulators/registry.ts';
import { scriptsOf } from './encoder-habits.ts';
import { playEncoder, playLegs } from './encoder-script.ts';
import { answer, FailedResult, say, UsageError } from './io.ts';
import { watchEvents } from './live-view.ts';
import { reportLines } from './report-text.ts';
import { untilStopped } from './signals.ts';
import { type Stack, startStack } from './stack.ts';

const showMs = 40_000;
const beforeTheDropMs = 14_000;
const gapMs = 6_000;
/** The vendors' transitions and our waits take a fifth of their usual time: the demo shows everything in forty seconds. */
const timeScale = 0.2;

export interface DemoFlags {
  vendor?: string[];
  keep?: boolean;
  /** One event on two vendors, of which the first loses its picture. */
  legs?: boolean;
  json?: boolean;
}

/** A show on every simulated vendor at the same time; fails unless every recording is proved. */
export async function demo(flags: DemoFlags): Promise<void> {
  const vendors = flags.legs ? vendorsOfLegs(flags.vendor) : chosen(flags.vendor);
  const stopped = untilStopped();
  const stack = await startStack({ ...(!flags.keep && { vendors }), timeScale, proofGraceMs: 60_000 });
  try {
    say(`Temporal UI: ${stack.temporal.uiUrl ?? '(none)'}`);
    const reports = await Promise.race([
      flags.legs ? runLegs(stack, vendors) : runShows(stack, vendors),
      stopped.then(() => undefined),
    ]);
    if (!reports) {
      say('interrupted; stopping everything');
      throw new FailedResult('interrupted');
    }
    answer(flags.json, reports, () => reports.flatMap((one) => ['', ...reportLines(one)]));
    say(verdict(reports));
    if (flags.keep) {
      say(`everything is left running; Temporal UI: ${stack.temporal.uiUrl ?? '(none)'}; Ctrl-C stops all`);
      await stopped;
    }
    if (!reports.every(isProved)) throw new FailedResult('not every recording is proved');
  } finally {
    await stack.stop();
  }
}

const isProved = ({ vod, endReason }: EventStatus): boolean =>
  endReason === 'reached-end' && vod.length > 0 && vod.every(({ proof }) => proof.proved);

const verdict = (reports: EventStatus[]): string =>
  `${reports.filter(isProved).length} of ${reports.length} recordings proved whole`;

const known = simulators.map(({ vendor }) => vendor);

/** As they are named, the first leg first; both legs may be at one vendor. */
export function vendorsOfLegs(named: string[] | undefined): string[] {
  if (!named) return known.slice(0, 2);
  chosen(named);
  if (named.length !== 2)
    throw new UsageError(`--legs plays two vendors, and ${named.length} are named: name two with --vendor, or none`);
  return named;
}

function chosen(only: string[] | undefined): string[] {
  const unknown = (only ?? []).filter((vendor) => !known.includes(vendor));
  if (unknown.length > 0)
    throw new UsageError(`there is no simulator of ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  return known.filter((vendor) => !only || only.includes(vendor));
}

async function runShows(stack: Stack, vendors: string[]): Promise<EventStatus[]> {
  const source: EncoderSource = (await findFfmpeg()) ? 'ffmpeg' : 'fixture';
  say(`${vendors.length} event(s), ${showMs / 1000} s each; encoder: ${source}; it drops once for ${gapMs / 1000} s`);
  const stamp = new Date().toISOString().slice(11, 19).replaceAll(':', '');
  const eventIds = vendors.map((vendor) => `demo-${vendor}-${stamp}`);
  await Promise.all(vendors.map((vendor, i) => stack.client.start(planOf(vendor, eventIds[i] ?? vendor))));
  const script = { afterMs: 0, drop: { afterMs: beforeTheDropMs, gapMs } };
  // Awaited together: when Ctrl-C stops the stack, each of them fails, and an unawaited failure would end the process.
  const encoders = Promise.all(eventIds.map((eventId) => playEncoder(stack, eventId, source, script)));
  const [reports] = await Promise.all([watchEvents(stack.client, eventIds), encoders]);
  return reports;
}

/** One event: the first vendor loses its picture in the middle, and the second takes over. */
async function runLegs(stack: Stack, vendors: string[]): Promise<EventStatus[]> {
  const source: EncoderSource = (await findFfmpeg()) ? 'ffmpeg' : 'fixture';
  const [main = '', backup = ''] = vendors;
  const { vendor: _, eventId = 'legs', ...plan } = planOf(main, `demo-legs-${Date.now().toString(36)}`);
  const legs = [
    { name: 'main', vendor: main },
    { name: 'backup', vendor: backup, start: 'on-failure' as const },
  ];
  say(`one event on ${main}, and on ${backup} when that has failed; the picture is lost in the middle`);
  await stack.client.start({ ...plan, eventId, title: 'Demo on two vendors', legs, failover: { dark: '3s' } });
  const encoders = playLegs(stack, { eventId, legs, scripts: scriptsOf('leaves', { legs, showMs }) }, source);
  const [reports] = await Promise.all([watchEvents(stack.client, [eventId]), encoders]);
  return reports;
}

const planOf = (vendor: string, eventId: string): Plan => ({
  eventId,
  title: `Demo on ${vendor}`,
  vendor,
  startsAt: new Date(Date.now() + 3000).toISOString(),
  duration: `${showMs / 1000}s`,
  warmUp: '3s',
  startLead: '2s',
  waits: { firstConnect: '30s', encoderLost: '20s' },
  vod: { deadline: '5m' },
});

/**
 * What a second leg bills and what viewers lose, at each vendor: where it begins with the event, and where it begins when the
 * first has lost its picture. The drivers on the simulators, with the leads of the vendors and the defaults of a plan, in virtual
 * time: it counts, and measures no time of this machine. Transitions of simulators are shorter than those of vendors.
 */
import type { LiveWindow } from '../domain/channel.ts';
import type { LegStart } from '../domain/plan.ts';
import type { EventStatus } from '../domain/report.ts';
import { totalMs } from '../domain/spans.ts';
import { type FaultsHarness, openHarness } from '../test/simulation/faults/faults-harness.ts';
import { LoopbackIo } from '../test/simulation/temporal/loopback-io.ts';
import { WorkflowSandbox } from '../test/simulation/temporal/sdk-internals.ts';
import { quietLatency } from '../test/simulation/temporal/server/latencies.ts';
import { Simulation } from '../test/simulation/temporal/simulation.ts';
import { vendors } from '../vendors/registry.ts';
import { bundleNow } from '../worker/bundle-now.ts';
import { printRows, rounded } from './stand.ts';
import { showMs, TwoLegs } from './two-legs/show.ts';

const second = 1_000;
const minute = 60 * second;
/** When the first leg loses its picture for good, after the start of the show. */
const lostAfterMs = 2 * minute;

interface Case {
  backup: string;
  start: LegStart;
  isLost: boolean;
}

interface Row {
  backup: string;
  begins: LegStart;
  'the first leg': string;
  'billed of the backup': string;
  'viewers without picture, s': number;
  'not in the recording, s': number;
  [key: string]: string | number;
}

const cases = [
  { start: 'on-failure', isLost: false },
  { start: 'on-failure', isLost: true },
  { start: 'with-event', isLost: true },
] as const;

const sandbox = await WorkflowSandbox.open((await bundleNow()).code);
const rows: Row[] = [];
for (const { name: backup } of vendors) for (const one of cases) rows.push(await measured({ backup, ...one }));
printRows('legs-costs', rows, {
  'most without picture, s: with-event': mostLost('with-event'),
  'most without picture, s: on-failure': mostLost('on-failure'),
});

function mostLost(start: LegStart): number {
  return Math.max(...rows.filter(({ begins }) => begins === start).map((row) => row['viewers without picture, s']));
}

async function measured(which: Case): Promise<Row> {
  const io = new LoopbackIo();
  const simulation = new Simulation({ sandbox, seed: 1, latency: quietLatency, quiet: io.quiet });
  try {
    return await simulation.run(() => measuredIn(simulation, which));
  } finally {
    io.close();
  }
}

async function measuredIn(simulation: Simulation, { backup, start, isLost }: Case): Promise<Row> {
  const first = backup === 'aws-ivs' ? 'alibaba-oss' : 'aws-ivs';
  const main = await openHarness({ vendor: first, accountName: 'main', slowness: 1 });
  const other = await openHarness({ vendor: backup, accountName: 'backup', slowness: 1 });
  try {
    const show = new TwoLegs(simulation, { main, backup: other }, { main: first, backup });
    const report = await show.play(start, isLost ? lostAfterMs : undefined);
    const pieces = (report.recording ?? []).map(({ from, to }) => within(report, from, to));
    return {
      backup,
      begins: start,
      'the first leg': isLost ? 'loses its picture' : 'is well',
      'billed of the backup': billedText(other),
      'viewers without picture, s': rounded((showMs - picturedMs(report)) / second, 0),
      'not in the recording, s': rounded((showMs - totalMs(pieces)) / second, 0),
    };
  } finally {
    await Promise.all([main.close(), other.close()]);
  }
}

function within({ startsAt, endsAt }: EventStatus, from: number, to: number): LiveWindow {
  const begin = Math.max(startsAt, from);
  return { from: begin, to: Math.max(begin, Math.min(endsAt, to)) };
}

/** How much of the show viewers got: what the leg that they were sent to was sent at that time. */
function picturedMs(report: EventStatus): number {
  const spans = (report.legsOnAir ?? []).flatMap(({ leg, from, to = report.endsAt }) => {
    const windows = report.legs?.find(({ name }) => name === leg)?.status?.windows ?? [];
    return windows.map((window) => within(report, Math.max(from, window.from), Math.min(to, window.to)));
  });
  return totalMs(spans);
}

/** What the simulator would have billed, by resource and state, in minutes. */
function billedText(harness: FaultsHarness): string {
  const sums = new Map<string, number>();
  for (const { kind, state, from, to = Date.now() } of harness.billed()) {
    const what = state === undefined ? kind : `${kind} ${state}`;
    sums.set(what, (sums.get(what) ?? 0) + to - from);
  }
  return [...sums].map(([what, ms]) => `${what} ${rounded(ms / minute, 1)}`).join(', ') || 'nothing';
}

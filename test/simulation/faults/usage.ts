import type { EventStatus } from '../../../domain/report.ts';
import { type UsageSpan, usageOf } from '../../../domain/usage/usage.ts';
import { vendors } from '../../../vendors/registry.ts';
import type { Evidence } from './evidence.ts';

/** What the simulators call what the manifests bill. */
const kinds: Readonly<Record<string, string>> = {
  liveEvent: 'live event',
  streamingEndpoint: 'streaming endpoint',
  channel: 'channel',
  'live-channel': 'live channel',
  stream: 'stream',
};

const toleranceMs = 1_000;

/** The run's usage against what the vendor would bill: each resource within a second. */
export function usageProblems(
  { billed, scenario }: Pick<Evidence, 'billed' | 'scenario'>,
  report: EventStatus,
): string[] {
  const bills = vendors.find(({ name }) => name === scenario.vendor)?.bills ?? [];
  return differences(usageOf(report, bills, billed.at).spans, billed);
}

/** Where both differ by more than a second. */
export function differences(spans: readonly UsageSpan[], billed: Evidence['billed']): string[] {
  const sums = new Map<string, { ours: number; theirs: number }>();
  const add = (key: string, part: { ours?: number; theirs?: number }) => {
    const { ours, theirs } = sums.get(key) ?? { ours: 0, theirs: 0 };
    sums.set(key, { ours: ours + (part.ours ?? 0), theirs: theirs + (part.theirs ?? 0) });
  };
  for (const { resource, name, from, to } of spans) add(`${resource} ${name}`, { ours: to - from });
  for (const { kind, name, from, to = billed.at } of billed.spans)
    add(`${kinds[kind] ?? kind} ${name}`, { theirs: to - from });
  return [...sums].flatMap(([key, { ours, theirs }]) =>
    Math.abs(ours - theirs) <= toleranceMs ? [] : [`usage of ${key}: ${ours} ms, and the vendor bills ${theirs} ms`],
  );
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject } from 'vitest';
import type { Plan } from '../../../domain/plan.ts';
import { isProved, type ShowHarness } from '../../support/show-harness.ts';
import { type CrashedShow, crashedShow } from './crashed-show.ts';
import { type Moment, momentText } from './moments.ts';

export interface CrashCase {
  vendor: string;
  moment: Moment;
  plan?: Partial<Plan>;
}

export const caseName = ({ vendor, moment }: CrashCase): string => `${vendor} ${momentText(moment)}`;

/** Every case, so many at once. */
export async function crashedShows(
  harness: ShowHarness,
  cases: readonly CrashCase[],
  atOnce: number,
): Promise<Map<string, CrashedShow>> {
  const folder = await mkdtemp(join(tmpdir(), 'showcaller-crash-'));
  const bundlePath = join(folder, 'bundle.js');
  await writeFile(bundlePath, inject('workflowCode'));
  const shows = new Map<string, CrashedShow>();
  const waiting = cases.values();
  const next = async () => {
    for (const one of waiting) shows.set(caseName(one), await crashedShow(harness, { ...one, bundlePath }));
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  await rm(folder, { recursive: true, force: true });
  return shows;
}

/** Azure's reset deletes what records: until another worker makes it anew, nothing is recorded. */
export const losesPicture = ({ vendor, moment }: CrashCase): boolean =>
  vendor === 'azure-media-services' && moment.step === 'resetEncoder' && moment.when === 'after';

/** As `expectWhole`, but for the picture: the report says what was not recorded. */
export function expectUnproved(crashed: CrashedShow | undefined): void {
  const { diedOf, report } = crashed ?? {};
  const why = JSON.stringify(report, undefined, 1);
  expect(diedOf).toBe('SIGKILL');
  expect(report, why).toMatchObject({ phase: 'failed', endReason: 'vod-unproved', released: true, troubles: [] });
  expect(report?.endDetail).toMatch(/too short: .*stopped-by-operator/);
  // What was not recorded belongs to the first recording, unless the vendor saw the encoder begin anew before the second.
  expect(
    report?.vod.map(({ proof }) => proof?.proved),
    why,
  ).toEqual(report?.windows.length === 1 ? [false, true] : [true, false]);
}

/** The first worker died at its moment, and the show is as if nothing had happened. */
export function expectWhole(crashed: CrashedShow | undefined): void {
  const why = JSON.stringify(crashed?.report, undefined, 1);
  expect(crashed?.diedOf).toBe('SIGKILL');
  expect(crashed?.report, why).toMatchObject({ phase: 'completed', released: true, troubles: [] });
  expect(crashed && isProved(crashed.report), why).toBe(true);
}

import { afterEach, describe, expect, it } from 'vitest';
import { startAzureMediaServices } from '../../simulators/azure-media-services/index.ts';
import { createKit } from '../../simulators/kit/kit.ts';
import { leastLiveEvent } from './recorded/azure-live-event.ts';
import type { Recording } from './recorded/recording.ts';
import { recordings } from './recorded/recordings.ts';
import { type ReplayTarget, replay } from './recorded/replay.ts';
import { isIn, rows } from './recorded/rows.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function account({ location }: Recording): Promise<ReplayTarget> {
  const simulator = await startAzureMediaServices(createKit(), {}, { location });
  closers.push(() => simulator.close());
  return simulator.client as unknown as ReplayTarget;
}

describe('the simulator of Azure Media Services answers as the service was recorded to', () => {
  it.each(Object.entries(recordings))('%s', async (_name, recording) => {
    expect(await replay(recording, await account(recording))).toEqual([]);
  });
});

describe('what was recorded', () => {
  it('has each of the twenty facts in which the simulator was wrong once', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it.each(rows)('$number: $what', (row) => {
    const witnesses = Object.values(recordings).filter((recording) => isIn(recording, row));
    expect(witnesses.map(({ apiVersion }) => apiVersion)).toContain(row.apiVersion);
  });

  it('is of every api-version that a fact is of, and no fact is in what never happened', () => {
    expect(new Set(Object.values(recordings).map(({ apiVersion }) => apiVersion))).toEqual(
      new Set(['2020-05-01', '2021-06-01', '2021-11-01', '2022-08-01', '2023-01-01']),
    );
    const nothing: Recording = { source: '', apiVersion: '2022-08-01', location: 'westus2', exchanges: [] };
    expect(rows.filter((row) => isIn(nothing, row))).toEqual([]);
  });
});

describe('a replay', () => {
  const first = leastLiveEvent.exchanges[0];
  const only = (changed: object): Recording => ({
    ...leastLiveEvent,
    exchanges: first ? [{ ...first, ...changed }] : [],
  });

  it.each([
    ['another status', { status: 200 }, 'status: 201, not 200'],
    [
      'a header that never came',
      { headers: { ...first?.headers, 'content-language': 'en-US' } },
      'content-language: "none"',
    ],
    ['a header that came', { headers: {} }, 'azure-asyncoperation: never sent'],
    ['a member that is missing', { answer: { ...Object(first?.answer), etag: 'x' } }, 'body.etag: missing'],
    ['a member that is foreign', { answer: {} }, 'body.name: never sent'],
    ['another value', { answer: { ...Object(first?.answer), location: 'westus2' } }, 'body.location: "West US 2"'],
    ['another order', { answer: reversed(first?.answer) }, 'body: the order is'],
  ])('reports %s', async (_what, change, difference) => {
    const found = await replay(only(change), await account(leastLiveEvent));
    expect(found.join('\n')).toContain(difference);
  });
});

function reversed(value: unknown): object {
  return Object.fromEntries(Object.entries(Object(value)).reverse());
}

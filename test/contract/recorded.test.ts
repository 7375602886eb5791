import { afterEach, describe, expect, it } from 'vitest';
import { startAzureMediaServices } from '../../simulators/azure-media-services/index.ts';
import { createKit } from '../../simulators/kit/kit.ts';
import { leastLiveEvent } from './recorded/azure-live-event.ts';
import { outputAtOnce } from './recorded/azure-live-output.ts';
import { encodedShow, encodedShowBefore, standbyEvent } from './recorded/azure-live-show.ts';
import { staticHostname } from './recorded/azure-live-static.ts';
import { updatedEvent } from './recorded/azure-live-update.ts';
import {
  defaultEndpoint,
  leastLocator,
  limitedLocator,
  startedEndpoint,
  storedAsset,
} from './recorded/azure-stored.ts';
import type { Recording } from './recorded/recording.ts';
import { type ReplayTarget, replay } from './recorded/replay.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function account({ location }: Recording): Promise<ReplayTarget> {
  const simulator = await startAzureMediaServices(createKit(), {}, { location });
  closers.push(() => simulator.close());
  return simulator.client as unknown as ReplayTarget;
}

const recordings: Record<string, Recording> = {
  'a live event made with as little as possible': leastLiveEvent,
  'an output, made at once': outputAtOnce,
  'a show that is encoded': encodedShow,
  'the same, half a year before': encodedShowBefore,
  'a live event on standby': standbyEvent,
  'a static host name and everything given': staticHostname,
  'an update': updatedEvent,
  'an asset': storedAsset,
  'a locator with limits': limitedLocator,
  'a locator made with as little as possible': leastLocator,
  'the default streaming endpoint': defaultEndpoint,
  'a streaming endpoint that is started': startedEndpoint,
};

describe('the simulator of Azure Media Services answers as the service was recorded to', () => {
  it.each(Object.entries(recordings))('%s', async (_name, recording) => {
    expect(await replay(recording, await account(recording))).toEqual([]);
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

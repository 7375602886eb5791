import type { Channel, LiveChannel, Observation, Session } from '../../domain/channel.ts';
import { allOf } from '../pages.ts';
import { namePrefix, vendor } from './names.ts';
import type { ListPage, Sdk } from './sdk.ts';
import type { LiveStream } from './shapes.ts';

/** Everything a paged list holds. */
export const allPages = <T>(operation: string, page: (number: number) => Promise<ListPage<T>>): Promise<T[]> =>
  allOf({ vendor, operation }, async (cursor = '1') => {
    const number = Number(cursor);
    const { items, more } = await page(number);
    return { items, ...(more && { next: String(number + 1) }) };
  });

/** All streams of our app that carry our prefix and are sending now. */
export const liveNow = (sdk: Sdk): Promise<LiveStream[]> =>
  allPages('DescribeLiveStreamInfoByPage', (PageNum) =>
    sdk.liveStreams({ Stream: namePrefix, QueryType: 'fuzzy', PageNum }),
  );

/** The stream as the list of online streams shows it. A forbidden stream is in it too while its encoder still sends. */
export async function sendingNow(sdk: Sdk, stream: string): Promise<LiveStream | undefined> {
  const page = await sdk.liveStreams({ Stream: stream, QueryType: 'strict', PageNum: 1 });
  return page.items.find((item) => item.Stream === stream);
}

/** Ours are recognised by their prefix; the list can be asked for it. */
export const listLive = async (sdk: Sdk): Promise<LiveChannel[]> =>
  (await liveNow(sdk)).map((stream) => ({ channel: stream.Stream, observation: connected(stream, 'online') }));

/** One call and, when it is online, one more for its session. A forbidden stream is absent, also while its encoder still sends. */
export async function observe(sdk: Sdk, { ref: { name } }: Channel): Promise<Observation> {
  const vendorState = await sdk.streamState(name);
  if (vendorState !== 'online') return { encoder: 'absent', vendorState };
  const stream = await sendingNow(sdk, name);
  return stream ? connected(stream, vendorState) : { encoder: 'connected', vendorState };
}

function connected(stream: LiveStream, vendorState: string): Observation {
  const since = Date.parse(stream.SessionStartTime ?? '');
  const session = stream.SessionStartTime ?? stream.ID?.toString();
  return {
    encoder: 'connected',
    vendorState,
    ...(session && { session }),
    ...(Number.isFinite(since) && { since }),
    ...(stream.SourceType && { evidence: { source: stream.SourceType } }),
  };
}

/** The vendor's record of sessions that ended since `from` (epoch milliseconds), oldest first. */
export async function sessionsOf(sdk: Sdk, stream: string, from: number): Promise<Session[]> {
  const range = { EndTimeFrom: rfc3339(from), EndTimeTo: rfc3339(sdk.now() + 1000) };
  const closed = await allPages('DescribeClosedStreamInfoByPage', (PageNum) =>
    sdk.closedStreams({ Stream: stream, ...range, PageNum }),
  );
  return closed
    .filter((item) => item.Stream === stream)
    .map((item) => ({
      startedAt: Date.parse(item.StartTime),
      endedAt: Date.parse(item.EndTime),
      ...(item.SourceType && { evidence: { source: item.SourceType } }),
    }))
    .sort((a, b) => a.startedAt - b.startedAt);
}

/** RFC 3339 in UTC with whole seconds, as this vendor wants instants. */
export const rfc3339 = (at: number): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');

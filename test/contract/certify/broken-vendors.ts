import type { RunLimits } from '../../../certify/check-run.ts';
import type { PromiseId } from '../../../certify/promises.ts';
import type { SimResponse, SimulatorKit } from '../../../simulators/kit/types.ts';

type Replace = NonNullable<SimulatorKit['replace']>;

/** A vendor that does otherwise than its simulator, and the promises that it breaks. */
export interface BrokenVendor {
  what: string;
  vendor: string;
  /** These and no others, in the order of the report. */
  breaks: readonly PromiseId[];
  /** The limits within which something is waited for that never comes. */
  never?: readonly (keyof RunLimits)[];
  /** Made anew for each show. */
  replace(): Replace;
}

const nothing = (status: number): SimResponse => ({ status });

/** These calls are answered as if they were done, and are not. */
const pretended =
  (operation: string, answer: SimResponse): (() => Replace) =>
  () =>
  async (call, serve) =>
    call.operation === operation ? answer : serve();

/** What Volcengine answers to a call that gives nothing. */
const volcengineDone = (Action: string): SimResponse => {
  const metadata = { RequestId: '20261128', Action, Version: '2023-01-01', Service: 'live', Region: 'cn-north-1' };
  const headers = { 'content-type': 'application/json' };
  return { status: 200, headers, body: JSON.stringify({ ResponseMetadata: metadata }) };
};

/** What these calls answer, changed as text. */
const said =
  (operation: string, change: (text: string) => string): (() => Replace) =>
  () =>
  async (call, serve) => {
    const answer = await serve();
    return call.operation === operation ? changed(answer, change) : answer;
  };

/** What these calls of Amazon IVS answer while encoders are let in, changed as text. */
function whileOpen(operation: string, change: (text: string) => string): Replace {
  let opened = false;
  return async (call, serve) => {
    const answer = await serve();
    if (call.operation === 'CreateStreamKey') opened = true;
    if (call.operation === 'StopStream') opened = false;
    return opened && call.operation === operation ? changed(answer, change) : answer;
  };
}

/** The length of the body is counted anew. */
function changed({ status, headers = {}, body = '' }: SimResponse, change: (text: string) => string): SimResponse {
  const kept = Object.entries(headers).filter(([name]) => !/^(content-length|content-md5|etag)$/i.test(name));
  return { status, headers: Object.fromEntries(kept), body: change(body.toString()) };
}

const hourEarlier = (text: string): string =>
  text.replace(/(?<=Time>)[^<]+/g, (at) => new Date(Date.parse(at) - 3_600_000).toISOString());

export const brokenVendors: readonly BrokenVendor[] = [
  {
    what: 'a stream that is said to be forbidden is not',
    vendor: 'volcengine-live',
    breaks: ['closed-before-start'],
    replace: () => {
      let opened = false;
      return async (call, serve) => {
        if (call.operation === 'ResumeStream') opened = true;
        const answer = await serve();
        if (opened || call.operation !== 'DescribeLiveStreamState') return answer;
        return changed(answer, (text) => text.replace('"offline"', '"forbidden"'));
      };
    },
  },
  {
    what: 'a channel is never enabled',
    vendor: 'alibaba-oss',
    breaks: ['start'],
    never: ['stepMs'],
    replace: pretended('PutLiveChannelStatus', nothing(200)),
  },
  {
    what: 'an encoder that sends is said to be absent',
    vendor: 'alibaba-oss',
    breaks: ['presence'],
    never: ['stepMs'],
    replace: said('GetLiveChannelStat', (text) => text.replace('<Status>Live<', '<Status>Idle<')),
  },
  {
    what: 'no stream is ever listed',
    vendor: 'aws-ivs',
    breaks: ['live-list'],
    never: ['stepMs'],
    replace: said('ListStreams', () => '{"streams":[]}'),
  },
  {
    what: 'a killed stream goes on',
    vendor: 'volcengine-live',
    breaks: ['reset', 'stop'],
    never: ['stepMs', 'cleanUpMs'],
    replace: pretended('KillStream', volcengineDone('KillStream')),
  },
  {
    what: 'the listing loses the tags of a channel that was opened',
    vendor: 'aws-ivs',
    breaks: ['sweep'],
    never: ['stepMs'],
    replace: () => whileOpen('ListChannels', (text) => text.replace(/"tags":\{[^}]*\}/g, '"tags":{}')),
  },
  {
    what: 'a deleted stream key still lets encoders in',
    vendor: 'aws-ivs',
    breaks: ['closed-after-stop'],
    replace: () => {
      let created = false;
      let deleted = false;
      return async (call, serve) => {
        if (call.operation === 'CreateStreamKey') created = true;
        if (call.operation === 'DeleteStreamKey' && created) {
          deleted = true;
          return nothing(204);
        }
        const answer = await serve();
        return deleted && call.operation === 'ListStreamKeys' ? changed(answer, () => '{"streamKeys":[]}') : answer;
      };
    },
  },
  {
    what: 'the sessions are an hour old',
    vendor: 'alibaba-oss',
    breaks: ['sessions'],
    replace: said('GetLiveChannelHistory', hourEarlier),
  },
  {
    what: 'the listing shows the channel in another region',
    vendor: 'aws-ivs',
    breaks: ['place'],
    replace: () =>
      whileOpen('ListChannels', (text) => text.replace(/arn:aws:ivs:[a-z0-9-]+:/g, 'arn:aws:ivs:xx-other-9:')),
  },
  {
    what: 'the address of viewers changes at the start',
    vendor: 'aws-ivs',
    breaks: ['playback'],
    replace: () => {
      let opened = false;
      return async (call, serve) => {
        const answer = await serve();
        if (call.operation === 'CreateStreamKey') opened = true;
        if (opened || call.operation !== 'GetChannel') return answer;
        return changed(answer, (text) => text.replace(/("playbackUrl":"[^"]+)\.m3u8/, '$1.early.m3u8'));
      };
    },
  },
  {
    what: 'viewers get the first playlist for ever',
    vendor: 'aws-ivs',
    breaks: ['on-air'],
    never: ['stepMs'],
    replace: () => {
      const first = new Map<string, SimResponse>();
      return async (call, serve) => {
        const answer = await serve();
        const isPlaylist = call.operation === 'media:live' && String(answer.body).includes('#EXTINF');
        if (!isPlaylist) return answer;
        const { path } = call.request;
        if (!first.has(path)) first.set(path, answer);
        return first.get(path) ?? answer;
      };
    },
  },
  {
    what: 'viewers need no signature where they are said to',
    vendor: 'volcengine-live',
    breaks: ['viewer-url'],
    replace: () => async (call, serve) => {
      const answer = await serve();
      const isRefused = call.operation === 'media:PlayHls' && answer.status === 403;
      return isRefused ? { status: 200, body: '#EXTM3U\n' } : answer;
    },
  },
  {
    what: 'what was sent is not recorded',
    vendor: 'volcengine-live',
    breaks: ['recording'],
    never: ['recordingMs'],
    replace: said('DescribeRecordTaskFileHistory', (text) =>
      text.replace(/"Data":\[.*?\](?=[,}])/s, '"Data":[]').replace(/"Total":\d+/g, '"Total":0'),
    ),
  },
  {
    what: 'the recording has lost its first half',
    vendor: 'azure-media-services',
    breaks: ['proof'],
    never: ['recordingMs'],
    replace: () => async (call, serve) => {
      const answer = await serve();
      const media = call.operation.startsWith('media:') && String(answer.body).includes('#EXTINF');
      return media ? changed(answer, withoutFirstHalf) : answer;
    },
  },
  {
    what: 'a live event that is said to be deleted stays',
    vendor: 'azure-media-services',
    breaks: ['clean-up'],
    never: ['cleanUpMs'],
    replace: pretended('LiveEvents_Delete', nothing(204)),
  },
  {
    what: 'the recording goes with its channel',
    vendor: 'alibaba-oss',
    breaks: ['recording-kept'],
    replace: () => {
      let deleted = false;
      return async (call, serve) => {
        if (call.operation === 'DeleteLiveChannel') deleted = true;
        return deleted && call.operation.endsWith('GetObject') ? nothing(404) : serve();
      };
    },
  },
];

/** A playlist whose first segments are gone. */
function withoutFirstHalf(playlist: string): string {
  const [head = '', ...segments] = playlist.split(/(?=#EXTINF)/);
  return head + segments.slice(Math.ceil(segments.length / 2)).join('');
}

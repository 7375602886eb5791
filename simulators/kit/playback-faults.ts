import type { Fault, FaultKind, PlaybackFaultKind, SimRequest, SimResponse } from './types.ts';

const kinds: readonly FaultKind[] = ['freeze', 'stale', 'gone', 'late-first-segment', 'one-variant-dead'];

export const isPlaybackFault = (kind: FaultKind): kind is PlaybackFaultKind => kinds.includes(kind);

/** The answers to one address since a fault began. */
interface Heard {
  first: SimResponse;
  count: number;
}

/** Each kit has faults of its own, and a fault that is cleared takes what it knows with it. */
const heardBy = new WeakMap<object, WeakMap<Fault, Map<string, Heard>>>();

/** The query of the variant that is added to a list: its requests are known by it. */
const deadQuery = 'dead-variant=1';

/**
 * What a viewer is answered while a fault of playback lasts. Only live playlists are hit: segments and recordings are what
 * they are.
 */
export async function hitPlayback(
  fault: Fault,
  kit: object,
  req: SimRequest,
  handle: (req: SimRequest) => Promise<SimResponse>,
): Promise<SimResponse> {
  // What is compared with an entity tag is what goes out, and that is decided here.
  const { 'if-none-match': _known, ...headers } = req.headers;
  const answer = await handle({ ...req, headers });
  const text = liveText(answer);
  if (text === undefined) return answer;
  const isList = text.includes('#EXT-X-STREAM-INF');
  // What is frozen is so for every viewer, whatever the token or the signature.
  const heard = rememberedOf(fault, kit, `${req.path} ${req.url.includes(deadQuery)}`, answer);
  switch (fault.kind) {
    case 'gone':
    case 'late-first-segment':
      return { status: 404, headers: { 'access-control-allow-origin': '*' } };
    case 'freeze':
      return heard.first;
    case 'stale':
      return !isList && heard.count % 2 === 0 ? heard.first : answer;
    default:
      if (isList) return { ...answer, headers: withoutLength(answer), body: withDeadVariant(text) };
      return req.url.includes(deadQuery) ? heard.first : answer;
  }
}

function liveText({ status, headers = {}, body }: SimResponse): string | undefined {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  if (status !== 200 || !/mpegurl/i.test(type) || body === undefined) return undefined;
  const text = body.toString();
  return text.includes('#EXT-X-ENDLIST') ? undefined : text;
}

function rememberedOf(fault: Fault, kit: object, address: string, answer: SimResponse): Heard {
  const ofKit = heardBy.get(kit) ?? new WeakMap<Fault, Map<string, Heard>>();
  heardBy.set(kit, ofKit);
  const byAddress = ofKit.get(fault) ?? new Map<string, Heard>();
  ofKit.set(fault, byAddress);
  const heard = byAddress.get(address) ?? { first: answer, count: 0 };
  heard.count += 1;
  byAddress.set(address, heard);
  return heard;
}

function withDeadVariant(text: string): string {
  const lines = text.trimEnd().split('\n');
  const info = lines.findLast((line) => line.startsWith('#EXT-X-STREAM-INF')) ?? '';
  const uri = lines.at(-1) ?? '';
  return [...lines, info, `${uri}${uri.includes('?') ? '&' : '?'}${deadQuery}`, ''].join('\n');
}

const withoutLength = ({ headers = {} }: SimResponse): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(content-length|etag)$/i.test(name)));

import type { Channel, Observation, Session } from '../../domain/channel.ts';
import { readPlaylist } from '../../domain/hls.ts';
import { isObject, type Json, type JsonObject } from '../../domain/json.ts';
import { refusal } from './errors.ts';
import { ownOrGone } from './ownership.ts';
import type { LiveEvent, Sdk, StatusAnswer } from './sdk.ts';

/** Older than this by the server's own clock, and a status says nothing of now. */
const staleAfterMs = 120_000;

/** The service's own status, or, where it has none, whether the preview moves. */
export async function observe(sdk: Sdk, { ref }: Channel, probeMs: number): Promise<Observation> {
  const { name } = ref;
  const event = ownOrGone(await sdk.getEvent(name), ref);
  if (!event) return { encoder: 'absent', vendorState: 'NotFound' };
  const vendorState = event.resourceState ?? 'Unknown';
  if (vendorState !== 'Running') return { encoder: 'absent', vendorState };
  const answer = await sdk.getStatus(name);
  const seen = answer && encoderFrom(answer);
  if (seen) return { ...seen, vendorState };
  const moves = await previewMoves(sdk, event, probeMs);
  return { encoder: moves ? 'connected' : 'absent', vendorState, evidence: { source: 'preview' } };
}

/** Reads both forms of a status: the array of the service itself and the object of Ravnur. */
export function encoderFrom(answer: StatusAnswer): Observation | undefined {
  const status = firstOf(answer.body);
  if (!status) return undefined;
  const health = status.healthDescriptions;
  if (isObject(health) && 'isSourceOnline' in health) return fromSource(health);
  return fromIngestion(status, answer.at);
}

/** Undefined where it does not say whether anything is connected. */
function fromSource({
  isSourceOnline,
  sourceConnectionsCount: connections,
  videoBitrate,
}: JsonObject): Observation | undefined {
  const isCounted = typeof connections === 'number';
  const evidence: JsonObject = { source: 'status', ...(isCounted && { connections }) };
  if (typeof videoBitrate === 'number') evidence.videoBitrate = videoBitrate;
  if (connections === 0) return { encoder: 'absent', evidence };
  if (isSourceOnline === true) return { encoder: 'connected', evidence };
  return isCounted ? { encoder: 'starved', evidence } : undefined;
}

/** The states of a status in which no encoder is let in; a successor may have words of its own for the others. */
const offStates: readonly Json[] = ['Stopped', 'Starting', 'Stopping'];

/** Undefined where it says nothing of the ingest, as a successor has it: not absent, but unknown. */
function fromIngestion(status: JsonObject, at: number | undefined): Observation | undefined {
  const ingestion = isObject(status.ingestion) ? status.ingestion : {};
  const since = instantOf(ingestion.begin);
  const evidence: JsonObject = { source: 'status' };
  if (typeof status.healthStatus === 'string' && status.healthStatus) evidence.health = status.healthStatus;
  if (typeof ingestion.endReason === 'string') evidence.endReason = ingestion.endReason;
  const hasEnded = instantOf(ingestion.end) !== undefined;
  if (offStates.includes(status.state ?? '') || hasEnded) return { encoder: 'absent', evidence };
  const updated = instantOf(status.lastUpdatedTime);
  const rates = listOf(status.trackStatus).map((track) => track.incomingBitrate);
  const incoming = rates.reduce<number>((sum, rate) => sum + (typeof rate === 'number' ? rate : 0), 0);
  // The service itself dates the list of its tracks, and leaves the ingest out until something has been sent.
  const listsNone = updated !== undefined && Array.isArray(status.trackStatus) && status.ingestion === undefined;
  const saysNone = 'begin' in ingestion || listsNone;
  if (since === undefined && incoming === 0) return saysNone ? { encoder: 'absent', evidence } : undefined;
  evidence.incomingBitrate = incoming;
  const stale = at !== undefined && updated !== undefined && at - updated > staleAfterMs;
  // The rate is an average over 20 s and null until there is one: only zeros on every track mean silence.
  const silent = rates.length > 0 && rates.every((rate) => rate === 0);
  return {
    encoder: stale || silent ? 'starved' : 'connected',
    ...(since !== undefined && { session: new Date(since).toISOString(), since }),
    evidence,
  };
}

/** A new segment is waited for somewhat longer than one takes, and never so long that a look takes too long. */
const waitedSegments = 1.5;
const longestProbeMs = 25_000;

/**
 * A preview that answers proves nothing: the last fragment of a show that broke off stays. It must move. One that cannot be
 * read leaves the encoder unknown, which is an error and no absence: the run goes on and looks again.
 */
async function previewMoves(sdk: Sdk, event: LiveEvent, probeMs: number): Promise<boolean> {
  const manifest = event.preview?.endpoints?.find((endpoint) => endpoint.url)?.url;
  if (!manifest) throw unknownPresence(event, 'there is no preview to look at');
  const before = await newestInPreview(sdk, event, manifest);
  if (before === undefined) return false;
  const stepMs = Math.max(1, probeMs);
  const lastMs = Math.max(stepMs, Math.min(waitedSegments * before.targetMs, longestProbeMs));
  for (let waitedMs = 0; waitedMs < lastMs; ) {
    const ms = Math.min(stepMs, lastMs - waitedMs);
    await new Promise((resolve) => setTimeout(resolve, ms));
    waitedMs += ms;
    const after = await newestInPreview(sdk, event, manifest);
    if (after !== undefined && after.segment !== before.segment) return true;
  }
  return false;
}

interface NewestSegment {
  /** Its number and its address without the query: each read may sign it anew. */
  segment: string;
  targetMs: number;
}

/** Undefined where nothing has been sent yet. */
async function newestInPreview(sdk: Sdk, event: LiveEvent, manifest: string): Promise<NewestSegment | undefined> {
  const url = manifest.includes('(format=') ? manifest : `${manifest}(format=m3u8-cmaf)`;
  const read = async (address: string) => {
    const file = await sdk.fetchMedia(address, undefined, manifest);
    if (nothingYet.includes(file.status)) return undefined;
    if (file.status !== 200) throw unknownPresence(event, `the preview answers ${file.refused ?? file.status}`);
    const playlist = readPlaylist(file.body);
    if (!playlist) throw unknownPresence(event, 'what the preview answers is no playlist');
    return { playlist, base: file.url ?? address };
  };
  const top = await read(url);
  const variant = top?.playlist.kind === 'multivariant' ? top.playlist.uris[0] : undefined;
  const media = top && variant !== undefined ? await read(new URL(variant, top.base).href) : top;
  if (media?.playlist.kind !== 'media') return undefined;
  const { newest, uris, targetMs } = media.playlist;
  const [file] = (uris.at(-1) ?? '').split('?');
  return file ? { segment: `${newest} ${file}`, targetMs } : undefined;
}

/** What an origin answers before the first fragment. */
const nothingYet: readonly number[] = [404, 412];

const unknownPresence = ({ name = '' }: LiveEvent, why: string) =>
  refusal({
    kind: 'unavailable',
    operation: 'LiveEvents_ListGetStatus',
    resource: name,
    message: `the status says nothing of the encoder, and ${why}: whether one sends is unknown`,
    advice: 'let this worker read the preview of the live event: see its access control',
  });

/** The push sessions the service remembers, oldest first; empty where it keeps none. */
export async function sessionsOf(sdk: Sdk, name: string): Promise<Session[]> {
  const log = await sdk.getStreamEvents(name);
  const sessions = log ? fromStreamEvents(entriesOf(log.body)) : [];
  if (sessions.length > 0) return sessions;
  const status = await sdk.getStatus(name);
  const ingestion = status && firstOf(status.body)?.ingestion;
  if (!isObject(ingestion)) return [];
  const startedAt = instantOf(ingestion.begin);
  return startedAt === undefined ? [] : [sessionOf(startedAt, instantOf(ingestion.end), ingestion.endReason)];
}

function fromStreamEvents(entries: JsonObject[]): Session[] {
  const dated = entries
    .flatMap((entry) => {
      const at = instantOf(entry.eventTime);
      return at === undefined
        ? []
        : [{ at, type: String(entry.eventType), data: isObject(entry.data) ? entry.data : {} }];
    })
    .sort((a, b) => a.at - b.at);
  const sessions: Session[] = [];
  let open: number | undefined;
  for (const { at, type, data } of dated) {
    if (type === 'StreamEvent/BeginIngest') {
      if (open !== undefined) sessions.push(sessionOf(open, at));
      open = at;
    }
    if (type === 'StreamEvent/EndIngest' && open !== undefined) {
      sessions.push(sessionOf(open, at, data.resultCode));
      open = undefined;
    }
  }
  return open === undefined ? sessions : [...sessions, sessionOf(open, undefined)];
}

const sessionOf = (startedAt: number, endedAt: number | undefined, reason?: Json): Session => ({
  id: new Date(startedAt).toISOString(),
  startedAt,
  ...(endedAt !== undefined && { endedAt }),
  ...(typeof reason === 'string' && reason && { evidence: { endReason: reason } }),
});

/** Instants of the service may lack their `Z`; they are UTC all the same. */
function instantOf(value: Json | undefined): number | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const at = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`);
  return Number.isNaN(at) ? undefined : at;
}

const listOf = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter((one) => isObject(one)) : [];
const entriesOf = (body: Json): JsonObject[] => (isObject(body) ? listOf(body.value) : []);
const firstOf = (body: Json): JsonObject | undefined => entriesOf(body)[0];

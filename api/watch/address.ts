import type { FastifyReply, FastifyRequest } from 'fastify';
import { Remembered } from '../../client/remembered.ts';
import { partsOfKey } from '../../domain/ids.ts';
import type { ForViewers } from '../../vendors/viewers.ts';
import { sendPlaylist } from '../http/playlist-reply.ts';
import { forbidden, HttpProblem, unavailable } from '../http/problem.ts';
import type { ViewerAccess, WatchMode } from './access.ts';
import { renditionFolder } from './join-variants.ts';
import { NotJoinable } from './playlist-text.ts';
import { type Joined, JoinedRecordings } from './recordings.ts';
import { type Redundant, redundant } from './redundant.ts';
import { type LiveSource, recordedChannel, type Watched, type WatchState, watchStateOf } from './state.ts';
import type { WatchedEvents } from './watched-events.ts';

/** A request for one of a viewer's addresses. */
export type ViewerRequest = FastifyRequest<{
  Params: { watchId: string; name?: string };
  Querystring: { token?: string };
}>;

export interface AddressDeps {
  mode: WatchMode;
  access: ViewerAccess;
  events: WatchedEvents;
  /** Absent in a process without accounts. */
  vendors?: ForViewers | undefined;
  /** Epoch milliseconds. */
  now: () => number;
}

/** How long an answer counts, seconds, by what it leads to. */
const keptSeconds = { later: 2, nothing: 30, live: 5, recording: 60 } as const;
/** A signed address is used for so long, for all viewers: a vendor may be asked for each, at a rate that stops need too. */
const signedForMs = 120_000;
/** A vendor that cannot sign is asked again after so long: one refusal does not keep viewers away for as long as an address lasts. */
const unsignedForMs = 3_000;
/** The list of an event's legs is made once in so long, for all viewers. */
const redundantForMs = 3_000;
/** There is no recording while a show is on air. */
const onAirSeconds = 60;
const unknownState: WatchState = { kind: 'later', why: 'the show is not on air yet', retryAfterSeconds: 5 };

type Recorded = Extract<WatchState, { kind: 'recording' }>;

/** Answers to those who watch. An event that is not there is answered like one that is not on air yet. */
export class Addresses {
  readonly #deps: AddressDeps;
  readonly #recordings = new JoinedRecordings();
  readonly #signed = new Remembered<Promise<string>>(signedForMs);
  readonly #redundant = new Remembered<Promise<Redundant>>(redundantForMs);

  constructor(deps: AddressDeps) {
    this.#deps = deps;
  }

  /** The one address: later, live, or the recording. */
  async index(request: ViewerRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { state } = await this.#stateFor(request);
    if (state.kind === 'live') return this.#sendToLive(request, reply, state.sources);
    const { urls } = this.#recordedIn(state);
    const [only, ...others] = urls;
    return this.#redirect(reply, others.length === 0 ? only : `recording.m3u8${queryOf(request)}`, 'recording');
  }

  /** The proved recordings as one playlist; a single one is the vendor's own. */
  async recording(request: ViewerRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { state, watched } = await this.#stateFor(request);
    const recorded = this.#recordedIn(state);
    const [only, ...others] = recorded.urls;
    if (others.length === 0) return this.#redirect(reply, only, 'recording');
    const { main } = await this.#joined(request, recorded, watched);
    return this.#send(request, reply, main(queryOf(request)));
  }

  /** A playlist that `recording` names. */
  async rendition(request: ViewerRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { state, watched } = await this.#stateFor(request);
    const recorded = this.#recordedIn(state);
    const { name } = request.params;
    const joined = recorded.urls.length > 1 ? await this.#joined(request, recorded, watched) : undefined;
    const text = joined?.renditions.get(name?.replace(/\.m3u8$/, '') ?? '');
    if (text === undefined) throw nothing(`the recording has no ${renditionFolder}/${name}`, this.#kept('later'));
    return this.#send(request, reply, text);
  }

  #recordedIn(state: WatchState): Recorded {
    if (state.kind === 'recording') return state;
    if (state.kind === 'later') throw this.#later(state);
    if (state.kind === 'nothing') throw nothing(state.why, this.#kept('nothing'));
    const why = 'the show is on air: there is no recording yet';
    throw this.#later({ kind: 'later', why, retryAfterSeconds: onAirSeconds });
  }

  async #stateFor({
    params: { watchId },
    query: { token },
  }: ViewerRequest): Promise<{ state: WatchState; watched?: Watched }> {
    const { mode, access, events, now } = this.#deps;
    if (mode === 'off') throw nothing('this API serves no addresses for viewers: SHOWCALLER_WATCH is off');
    if (mode === 'token' && !access.admits(watchId, token, now()))
      throw forbidden(
        'a viewer token for this event is needed in the address; this one is missing, expired or of another',
      );
    const named = access.keyOf(watchId);
    if (!named) return { state: unknownState };
    const watched = await events.of(named.key);
    // What belongs to a tenant is not found by an id that can be guessed.
    const isOpen = named.isSealed || (watched?.tenant === undefined && partsOfKey(named.key).tenant === undefined);
    return watched && isOpen ? { state: watchStateOf(watched, now()), watched } : { state: unknownState };
  }

  async #sendToLive(
    request: FastifyRequest,
    reply: FastifyReply,
    [first, ...others]: readonly [LiveSource, ...LiveSource[]],
  ): Promise<FastifyReply> {
    const isOpen = ({ needs }: LiveSource) => !needs || this.#deps.mode === 'token';
    if (!isOpen(first))
      throw forbidden(
        `the stream needs a ${first.needs}, which only holders of a viewer token get: this API is open to all`,
      );
    const sources = [first, ...others.filter(isOpen)];
    const kind = sources.some(({ needs }) => needs) ? 'signed' : 'live';
    const found = await this.#oneOf(sources);
    if ('url' in found) return this.#redirect(reply, found.url, kind);
    return sendPlaylist(request, reply.header('cache-control', this.#kept(kind)), found.text);
  }

  /** A leg that cannot be signed for is left out, unless it is the one on air. */
  async #oneOf([first, ...others]: readonly LiveSource[]): Promise<Redundant> {
    if (!first) throw new Error('there is nothing to watch: a bug');
    const addressOf = async (source: LiveSource) => (source.needs ? this.#signedUrl(source) : source.url);
    const url = await addressOf(first);
    const { vendors } = this.#deps;
    if (others.length === 0 || !vendors) return { url };
    const more = await Promise.all(others.map((source) => addressOf(source).catch(() => [])));
    const urls = [url, ...more.flat()] as const;
    const key = urls.join('\n');
    const known = this.#redundant.get(key);
    if (known !== undefined) return known;
    const read = async (address: string) => {
      const { status, cutOff, body, url: at = address } = await vendors.live(address, address);
      return status === 200 && !cutOff ? { text: Buffer.from(body).toString('utf8'), url: at } : undefined;
    };
    const made = redundant([url, ...urls.slice(1)], read);
    this.#redundant.set(key, made);
    return made;
  }

  #signedUrl({ channel, url }: LiveSource): Promise<string> {
    const known = this.#signed.get(url);
    if (known !== undefined) return known;
    const { vendors } = this.#deps;
    if (!vendors)
      throw unavailable('the stream needs a signature, and this API has no accounts of vendors to sign with');
    const signed = vendors.signed(channel, url);
    this.#signed.set(url, signed);
    signed.catch(() => this.#signed.set(url, signed, unsignedForMs));
    return signed;
  }

  async #joined(request: ViewerRequest, { urls, cuts }: Recorded, watched: Watched | undefined): Promise<Joined> {
    const { vendors } = this.#deps;
    if (!vendors) throw unavailable('this API cannot read the recordings that it should join');
    const read = async (url: string) => {
      const asset = urls.find((one) => sameOrigin(one, url)) ?? url;
      const file = await vendors.file(watched && recordedChannel(watched, asset), url, asset);
      if (file.status !== 200 || file.cutOff)
        throw unavailable(`a playlist of the recording cannot be read: ${file.refused ?? `answer ${file.status}`}`);
      return { text: Buffer.from(file.body).toString('utf8'), url: file.url ?? url };
    };
    try {
      const joined = await this.#recordings.of(urls, read, cuts);
      request.log.debug({ note: joined.note }, 'recordings joined');
      return joined;
    } catch (error) {
      if (!(error instanceof NotJoinable)) throw error;
      const detail = `the ${urls.length} recordings of the show cannot be played as one: ${error.message}`;
      throw new HttpProblem({ status: 502, kind: 'not-joinable', title: 'Not joinable', detail }, { cause: error });
    }
  }

  #redirect(reply: FastifyReply, location: string, kind: keyof typeof keptSeconds | 'signed'): FastifyReply {
    return reply
      .headers({ location, 'cache-control': this.#kept(kind) })
      .code(302)
      .send();
  }

  #send(request: FastifyRequest, reply: FastifyReply, text: string): FastifyReply {
    return sendPlaylist(request, reply.header('cache-control', this.#kept('recording')), text);
  }

  #later({ why, retryAfterSeconds }: Extract<WatchState, { kind: 'later' }>): HttpProblem {
    const headers = { 'retry-after': String(retryAfterSeconds), 'cache-control': this.#kept('later') };
    return new HttpProblem({ status: 404, kind: 'not-on-air', title: 'Not on air', detail: why, headers });
  }

  /** With a token in its address an answer is this viewer's alone. */
  #kept(kind: keyof typeof keptSeconds | 'signed'): string {
    if (kind === 'signed') return 'no-store';
    return `${this.#deps.mode === 'public' ? 'public' : 'private'}, max-age=${keptSeconds[kind]}`;
  }
}

const nothing = (detail: string, cacheControl = 'no-store'): HttpProblem =>
  new HttpProblem({
    status: 404,
    kind: 'not-found',
    title: 'Not found',
    detail,
    headers: { 'cache-control': cacheControl },
  });

const queryOf = ({ query: { token } }: ViewerRequest): string =>
  token === undefined ? '' : `?token=${encodeURIComponent(token)}`;

const sameOrigin = (a: string, b: string): boolean => new URL(a).origin === new URL(b).origin;

import { IngestSession } from '../kit/ingest-session.ts';
import { pull } from './pull.ts';
import type { PulledSource } from './source.ts';
import { keyOf, type LiveAccount, type LiveStream, type RelayV3, type RelayV4, type StreamName } from './state.ts';

/** How often due relays are looked for. */
const tickMs = 100;
/** A source that failed is tried again, or the next one, documented(https://www.volcengine.com/docs/6469/1126872), after a time of ours. */
const retryMs = 2000;
/** A V3 pull lasts while viewers ask, documented(https://www.volcengine.com/docs/6469/1126872); how long without one is ours. */
const viewerGoneMs = 10_000;

export interface RelayEvents {
  /** A picture has come; the stream is online from now on. */
  begin(stream: LiveStream): void;
  end(stream: LiveStream): void;
}

interface Pull {
  name: StreamName;
  source?: PulledSource;
  live?: LiveStream;
  /** Which source is next; they are tried in order, round and round. */
  attempt: number;
  retryAt: number;
}

interface DuePull {
  name: StreamName;
  sources: string[];
}

/** Pulls what the account's relays say: V4 by their time, V3 while someone watches. */
export class RelayPuller {
  readonly #account: LiveAccount;
  readonly #events: RelayEvents;
  readonly #pulls = new Map<string, Pull>();
  readonly #viewedAt = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(account: LiveAccount, events: RelayEvents) {
    this.#account = account;
    this.#events = events;
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** A viewer asks for the stream. */
  viewed(name: StreamName): void {
    this.#viewedAt.set(keyOf(name), Date.now());
    this.#tick();
  }

  close(): void {
    clearInterval(this.#timer);
    for (const one of this.#pulls.values()) one.source?.close();
    this.#pulls.clear();
  }

  #tick(): void {
    const due = new Map(this.#due().map((one) => [keyOf(one.name), one]));
    for (const [key, one] of this.#pulls) {
      if (due.has(key)) continue;
      this.#pulls.delete(key);
      one.source?.close();
    }
    for (const [key, { name, sources }] of due) {
      const one: Pull = this.#pulls.get(key) ?? { name, attempt: 0, retryAt: 0 };
      this.#pulls.set(key, one);
      if (!one.source && one.retryAt <= Date.now() && !this.#account.live.has(key)) this.#start(one, sources);
    }
  }

  /** What should be pulled now. documented(https://www.volcengine.com/docs/6469/1126845): a ban stops relays too. */
  #due(): DuePull[] {
    const now = Date.now();
    const v4 = [...this.#account.relaysV4.values()]
      .filter((relay) => relay.effectiveAt <= now && isInSpan(relay, now))
      .map(({ app, stream, sources }) => ({ name: { app, stream }, sources }));
    const watched = [...this.#viewedAt].filter(([, at]) => now - at < viewerGoneMs).map(([key]) => splitKey(key));
    const v3 = watched.flatMap((name) => {
      const sources = this.#groupsFor(name).flatMap((group) => sourcesOf(group, name));
      return sources.length > 0 ? [{ name, sources }] : [];
    });
    return [...v3, ...v4].filter((one) => !this.#isOff(one.name));
  }

  /** A ban refuses new pulls; one that runs goes on until it is killed. */
  #isOff = (name: StreamName): boolean => this.#account.ban(name) !== undefined && !this.#pulls.get(keyOf(name))?.live;

  #groupsFor({ app }: StreamName): RelayV3[] {
    const inForce = [...this.#account.relaysV3.values()].filter(({ effectiveAt }) => effectiveAt <= Date.now());
    return inForce.filter((relay) => relay.app === app || relay.app === '');
  }

  #start(one: Pull, sources: readonly string[]): void {
    const url = sources[one.attempt % sources.length];
    if (!url) return;
    one.attempt += 1;
    one.source = pull(url, {
      tag: (tag) => {
        one.live ??= this.#begin(one, url);
        one.live?.session.take(tag);
      },
      end: (reason) => {
        const { live } = one;
        one.source = undefined;
        one.live = undefined;
        one.retryAt = Date.now() + retryMs * this.#account.options.slowness;
        if (!live) return;
        live.session.finish(reason);
        this.#events.end(live);
      },
    });
  }

  /** Undefined when someone pushes the stream meanwhile: a push has precedence. */
  #begin({ name, source }: Pull, url: string): LiveStream | undefined {
    const key = keyOf(name);
    if (this.#account.live.has(key)) {
      source?.close();
      return undefined;
    }
    const { hostname, port } = new URL(url);
    const from = { remoteAddress: hostname, remotePort: Number(port) };
    const request = { app: name.app, name: name.stream, path: `/${key}`, query: {}, tcUrl: '', ...from };
    const session = new IngestSession(key, request, this.#timeline(key));
    const live: LiveStream = {
      ...name,
      id: this.#account.nextId(),
      domain: this.#account.options.pullDomain,
      source: 'relay',
      startedAt: session.startedAt,
      session,
      cut: () => source?.close(),
    };
    this.#events.begin(live);
    return live;
  }

  readonly #timelines = new Map<string, { positionMs: number }>();

  #timeline(key: string): { positionMs: number } {
    const timeline = this.#timelines.get(key) ?? { positionMs: 0 };
    this.#timelines.set(key, timeline);
    return timeline;
  }
}

const isInSpan = ({ startTime, endTime }: RelayV4, now: number): boolean =>
  startTime === undefined || endTime === undefined || (startTime * 1000 <= now && now < endTime * 1000);

function splitKey(key: string): StreamName {
  const [app = '', stream = ''] = key.split('/');
  return { app, stream };
}

/** App and stream as asked for, documented(https://www.volcengine.com/docs/6469/1126872); `.flv` for FLV: assumed. */
const sourcesOf = ({ servers }: RelayV3, { app, stream }: StreamName): string[] =>
  servers.map(({ RelaySourceDomain, RelaySourceProtocol, RelaySourceParams }) => {
    const query = new URLSearchParams(RelaySourceParams).toString();
    const base = RelaySourceProtocol === 'rtmp' ? `rtmp://${RelaySourceDomain}` : `http://${RelaySourceDomain}`;
    return `${base}/${app}/${stream}${RelaySourceProtocol === 'flv' ? '.flv' : ''}${query && `?${query}`}`;
  });

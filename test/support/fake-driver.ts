import type { ChannelRef, LiveWindow, Observation, VodAsset } from '../../domain/channel.ts';
import { VendorError, type VendorErrorKind } from '../../domain/errors.ts';
import type { Finding, PlannedAtOnce } from '../../domain/preflight.ts';
import { createCaller } from '../../vendors/call.ts';
import { done, type NamedEvent, notYet, type VendorDriver } from '../../vendors/driver.ts';
import { namedAsMade } from '../../vendors/naming.ts';
import { fakeVod, fetchFakeVod } from './fake-vod.ts';

type Method =
  | 'preflight'
  | 'allocate'
  | 'start'
  | 'createOutput'
  | 'observe'
  | 'reset'
  | 'stop'
  | 'publishVod'
  | 'cleanUp'
  | 'owned';

interface Trouble {
  method: Method;
  kind: VendorErrorKind | 'not-yet';
  times: number;
}

interface Made {
  open: boolean;
  encoder: Observation['encoder'];
  session: number;
  sessions: { id: string; startedAt: number; endedAt?: number }[];
}

/** A vendor in memory for tests of the workflow alone; simulators stand for real ones elsewhere. */
export class FakeVendor {
  readonly channels = new Map<string, Made>();
  /** What the ownership tag of a channel says, where it is not what the name says. */
  readonly owners = new Map<string, string>();
  readonly calls: { method: Method; name: string; at: number }[] = [];
  made = 0;
  /** What its names begin with, and where it is: a version, or an account, may change both. */
  prefix = 'sc-';
  place: string | undefined;
  /** As whose its channels are known. */
  vendor = 'alibaba-oss';
  /** Each run's channel has a name of its own. */
  namesRuns = false;
  /** Whether a stop says what was sent. */
  keepsSessions = true;
  /** Whether it can list all live channels, and how often it was asked to. */
  lists = false;
  listings = 0;
  /** What `allocate` says that it made while no list shows it yet. */
  unlistedId: string | undefined;
  /** The ids that it was asked to clean up. */
  readonly cleanedIds: (string | undefined)[] = [];
  /** How long each `allocate` is under way. */
  allocateTakesMs = 0;
  /** What a look that begins now waits for before it sees anything. */
  looksAfter: Promise<void> | undefined;
  /** What a preflight finds, and what it was given each time. */
  findings: Finding[] = [];
  readonly planned: PlannedAtOnce[] = [];
  quota = 5;
  #troubles: Trouble[] = [];
  readonly #keys = new Map<string, number>();
  /** What `publishVod` gives; undefined for not yet. */
  vod: (windows: readonly LiveWindow[]) => VodAsset[] | undefined = (windows) => [fakeVod(windows)];

  fail(method: Method, kind: Trouble['kind'], times = 1): void {
    this.#troubles.push({ method, kind, times });
  }

  /** Takes back what `fail` asked for. */
  recover(): void {
    this.#troubles = [];
  }

  count(method: Method, name?: string): number {
    return this.calls.filter((call) => call.method === method && (name === undefined || call.name === name)).length;
  }

  /** How many keys `start` has made for the channels of a name. */
  keys(name: string): number {
    return this.#keys.get(name) ?? 0;
  }

  connect(name: string): void {
    const channel = this.#get(name);
    if (!channel.open) throw new Error(`${name} is closed to encoders`);
    channel.encoder = 'connected';
    channel.session += 1;
    channel.sessions.push({ id: `s${channel.session}`, startedAt: Date.now() });
  }

  disconnect(name: string): void {
    const channel = this.#get(name);
    channel.encoder = 'absent';
    const last = channel.sessions.at(-1);
    if (last) last.endedAt ??= Date.now();
  }

  #get(name: string): Made {
    const channel = this.channels.get(name);
    if (!channel) throw new Error(`no channel ${name}`);
    return channel;
  }

  #enter(method: Method, name: string, account: string): { waiting: boolean } {
    this.calls.push({ method, name, at: Date.now() });
    const trouble = this.#troubles.find((t) => t.method === method && t.times > 0);
    if (!trouble) return { waiting: false };
    trouble.times -= 1;
    if (trouble.kind === 'not-yet') return { waiting: true };
    throw new VendorError({
      kind: trouble.kind,
      vendor: 'fake',
      operation: method,
      resource: account,
      message: 'as the test asked',
    });
  }

  driver(account: string): VendorDriver {
    const call = createCaller('fake', account, () => ({ kind: 'unknown', message: 'fake' }), { hooks: {} });
    const enter = (method: Method, name: string) => this.#enter(method, name, account);
    const nameOf = ({ eventId, run, kept }: NamedEvent): string => {
      const name = `${this.prefix}${eventId}`;
      if (!this.namesRuns || (!run && !kept)) return name;
      return kept?.startsWith(`${name}_`) ? kept : `${name}_${run}`;
    };
    const ref = (event: NamedEvent): ChannelRef => ({
      vendor: this.vendor,
      account,
      name: nameOf(event),
      workflowId: event.workflowId,
      ...(this.place !== undefined && { place: this.place }),
    });
    return {
      refOf: ref,
      preflight: async (event, planned) => {
        enter('preflight', ref(event).name);
        this.planned.push(await planned(this.quota));
        return { findings: this.findings, unseen: [] };
      },
      allocate: async (event) => {
        const channelRef = namedAsMade(ref(event), event);
        const { name } = channelRef;
        return call({ operation: 'allocate', mutates: true }, async () => {
          const { waiting } = enter('allocate', name);
          if (this.allocateTakesMs > 0) await new Promise((resolve) => setTimeout(resolve, this.allocateTakesMs));
          if (waiting) return notYet('a warm channel', 1000, this.unlistedId);
          if (!this.channels.has(name)) {
            this.channels.set(name, { open: false, encoder: 'absent', session: 0, sessions: [] });
            this.made += 1;
          }
          const found = this.#get(name);
          if (found.open && !event.joins) {
            this.disconnect(name);
            found.open = false;
          }
          return done({ ref: channelRef, details: {} });
        });
      },
      start: async ({ ref: { name } }) => {
        if (enter('start', name).waiting) return notYet('the channel to run', 1000);
        const channel = this.#get(name);
        if (!channel.open) this.#keys.set(name, this.keys(name) + 1);
        channel.open = true;
        return done(undefined);
      },
      createOutput: async ({ ref: { name } }) => {
        if (enter('createOutput', name).waiting) return notYet('the output', 1000);
        return done({ details: {} });
      },
      observe: async ({ ref: { name } }) => {
        enter('observe', name);
        await this.looksAfter;
        const channel = this.channels.get(name);
        if (!channel) return { encoder: 'absent' as const, vendorState: 'gone' };
        return {
          encoder: channel.encoder,
          session: `s${channel.session}`,
          since: channel.sessions.at(-1)?.startedAt,
          vendorState: channel.encoder,
        };
      },
      ...(this.lists && {
        listProves: true as const,
        listLive: async () => {
          this.listings += 1;
          return [...this.channels]
            .filter(([, channel]) => channel.encoder !== 'absent')
            .map(([name, { encoder, session }]) => ({
              channel: name,
              observation: { encoder, session: `s${session}` },
            }));
        },
      }),
      playback: async ({ ref: { name } }) => ({ hls: `https://watch.fake.test/${name}.m3u8` }),
      viewerUrl: async (_channel, url) => url,
      reset: async ({ ref: { name } }, _output, isBack) => {
        const isDropped = (await isBack?.()) === true;
        return call({ operation: 'reset', mutates: true }, async () => {
          enter('reset', name);
          if (!isDropped) this.disconnect(name);
          return done(undefined);
        });
      },
      stop: ({ ref: { name } }) =>
        call({ operation: 'stop', mutates: true }, async () => {
          if (enter('stop', name).waiting) return notYet('the encoder to be dropped', 1000);
          const channel = this.channels.get(name);
          if (channel) {
            channel.open = false;
            this.disconnect(name);
          }
          return done({ sessions: (this.keepsSessions && channel?.sessions) || [] });
        }),
      publishVod: async ({ ref: { name } }, _output, windows) => {
        if (enter('publishVod', name).waiting) return notYet('the recording', 1000);
        const assets = this.vod(windows);
        return assets ? done(assets) : notYet('the recording', 1000);
      },
      fetchVod: async (url) => fetchFakeVod(url),
      cleanUp: ({ name, id }) =>
        call({ operation: 'cleanUp', mutates: true }, async () => {
          this.cleanedIds.push(id);
          if (enter('cleanUp', name).waiting) return notYet('the channel to go', 1000);
          this.channels.delete(name);
          return done(undefined);
        }),
      ingest: async ({ ref: { name } }) => [
        { protocol: 'rtmp', url: `rtmp://fake/${name}/k`, server: `rtmp://fake/${name}`, streamKey: 'k' },
      ],
      owned: async () => {
        enter('owned', '');
        return {
          items: [...this.channels.keys()].map((name) => ({
            ...ref({ eventId: '', workflowId: this.owners.get(name) ?? `live-event/${name.slice('sc-'.length)}` }),
            name,
          })),
        };
      },
    };
  }
}

import { BillingMeter } from '../kit/billing-meter.ts';
import type { IngestSession } from '../kit/rtmp-ingest.ts';
import type { SimResource } from '../kit/types.ts';
import type { Credentials } from './signature.ts';

export interface AccountOptions extends Credentials {
  vhost: string;
  pushDomain: string;
  pullDomain: string;
  bucket: string;
  /** Signs push and play URLs. */
  urlKey: string;
  slowness: number;
  /** Actions that the key is not allowed. */
  denied?: readonly string[];
  /** How the domains are, where not as they should be. */
  domains?: { Status?: number; CnameCheck?: number; DomainCheck?: number };
  /** Protocols other than HLS are all that the pull domain serves. */
  withoutHls?: boolean;
  /** How long its push URLs last at most, in seconds; with 0 it makes none. A fault that is planted: no page names a longest life. */
  pushUrlSeconds?: number;
}

export interface StreamName {
  app: string;
  stream: string;
}

export const keyOf = ({ app, stream }: StreamName): string => `${app}/${stream}`;

/** Epoch milliseconds. */
interface Ban extends StreamName {
  createdAt: number;
  endsAt: number;
}

export interface LiveStream extends StreamName {
  id: number;
  domain: string;
  source: 'push' | 'relay';
  startedAt: number;
  session: IngestSession;
  /** Cuts the connection it comes in on. */
  cut(reason: string): void;
}

export interface ClosedStream extends StreamName {
  domain: string;
  source: 'push' | 'relay';
  startedAt: number;
  endedAt: number;
}

export interface RelayV4 extends StreamName {
  domain: string;
  sources: string[];
  /** Unix seconds; both or neither. */
  startTime?: number;
  endTime?: number;
  /** Epoch milliseconds from which it pulls. */
  effectiveAt: number;
}

export interface RelayServer {
  RelaySourceDomain: string;
  RelaySourceProtocol: 'rtmp' | 'flv';
  RelaySourceParams: Record<string, string>;
}

export interface RelayV3 {
  app: string;
  group: string;
  servers: RelayServer[];
  effectiveAt: number;
}

export type PresetConfig = Record<string, unknown> & {
  HlsParam?: { Enable?: boolean; ContinueDuration?: number; TOSParam?: { Enable?: boolean; Bucket?: string } };
  OriginRecord?: number;
  SliceDuration?: number;
};

export interface Preset {
  id: number;
  name: string;
  app: string;
  stream: string;
  /** Oldest first; a version without a config is a deletion that has still to take effect. */
  versions: { config?: PresetConfig; effectiveAt: number }[];
}

/** Called when a stream goes online or offline. */
export interface StreamListener {
  began(stream: LiveStream): void;
  ended(stream: LiveStream): void;
}

/** documented(https://www.volcengine.com/docs/6469/1126855): presets and relays apply 3 to 5 minutes later. */
const applyDelayMs = 3 * 60_000;

/** One simulated account: what its API calls change, and what is sent to it. */
export class LiveAccount {
  readonly options: AccountOptions;
  /** Epoch milliseconds. */
  readonly createdAt = Date.now();
  readonly live = new Map<string, LiveStream>();
  readonly relaysV4 = new Map<string, RelayV4>();
  readonly relaysV3 = new Map<string, RelayV3>();
  readonly closed: ClosedStream[] = [];
  listener: StreamListener | undefined;
  readonly meter = new BillingMeter(() => this.resources('volcengine-live'));
  #presets: Preset[] = [];
  readonly #bans = new Map<string, Ban>();
  readonly #everSeen = new Set<string>();
  readonly #made = { 'relay-v4': 0, 'relay-v3': 0, 'record-preset': 0, session: 0 };
  #lastId = 0;

  constructor(options: AccountOptions) {
    this.options = options;
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  applyAt = (): number => Date.now() + applyDelayMs * this.options.slowness;

  // That a ban leaves a connection alone, and that what is so already is no error, be it a ban, its end or a stream that
  // is killed: assumed.
  forbid(name: StreamName, endsAt: number): void {
    this.#everSeen.add(keyOf(name));
    this.#bans.set(keyOf(name), { ...name, createdAt: Date.now(), endsAt });
  }

  resume(name: StreamName): void {
    this.#bans.delete(keyOf(name));
  }

  ban(name: StreamName): Ban | undefined {
    return this.bans().find((ban) => keyOf(ban) === keyOf(name));
  }

  bans(): Ban[] {
    return [...this.#bans.values()].filter((ban) => ban.endsAt > Date.now());
  }

  /** documented(https://www.volcengine.com/docs/6469/1126847) A forbidden stream is `forbidden`, whatever it does. */
  stateOf(name: StreamName): 'online' | 'offline' | 'forbidden' {
    if (this.ban(name)) return 'forbidden';
    return this.live.has(keyOf(name)) ? 'online' : 'offline';
  }

  wentLive(stream: LiveStream): void {
    this.#everSeen.add(keyOf(stream));
    this.#made.session += 1;
    this.live.set(keyOf(stream), stream);
    this.meter.read();
    this.listener?.began(stream);
  }

  wentOff(stream: LiveStream): void {
    if (this.live.get(keyOf(stream)) !== stream) return;
    this.live.delete(keyOf(stream));
    this.meter.read();
    this.listener?.ended(stream);
    const { app, stream: name, domain, source, startedAt } = stream;
    this.closed.push({ app, stream: name, domain, source, startedAt, endedAt: Date.now() });
  }

  putRelayV4(relay: RelayV4): void {
    if (!this.relaysV4.has(keyOf(relay))) this.#made['relay-v4'] += 1;
    this.relaysV4.set(keyOf(relay), relay);
    this.meter.read();
  }

  putRelayV3(relay: RelayV3): void {
    const key = `${relay.app}/${relay.group}`;
    if (!this.relaysV3.has(key)) this.#made['relay-v3'] += 1;
    this.relaysV3.set(key, relay);
  }

  /** Those that still exist for the API; deletions are gone there at once. */
  presets(): (Preset & { config: PresetConfig })[] {
    return this.#presets.flatMap((preset) => {
      const config = preset.versions.at(-1)?.config;
      return config ? [{ ...preset, config }] : [];
    });
  }

  createPreset({ app, stream }: StreamName, config: PresetConfig, effectiveAt: number): Preset {
    this.#made['record-preset'] += 1;
    const id = this.nextId();
    const preset: Preset = { id, name: `record-${id}`, app, stream, versions: [{ config, effectiveAt }] };
    this.#presets.push(preset);
    return preset;
  }

  /** Without a config it is deleted. */
  changePreset(name: string, config: PresetConfig | undefined): void {
    this.#presets
      .find((preset) => preset.name === name)
      ?.versions.push({ ...(config && { config }), effectiveAt: this.applyAt() });
  }

  /** What a push that starts now is recorded with: the most specific preset in force. */
  recordingConfig({ app, stream }: StreamName): PresetConfig | undefined {
    const inForce = this.#presets.flatMap((preset) => {
      const config = preset.versions.findLast((version) => version.effectiveAt <= Date.now())?.config;
      return config ? [{ ...preset, config }] : [];
    });
    const levels: StreamName[] = [
      { app, stream },
      { app, stream: '' },
      { app: '', stream: '' },
    ];
    for (const level of levels) {
      const preset = inForce.find((one) => keyOf(one) === keyOf(level));
      if (preset) return preset.config;
    }
    return undefined;
  }

  /** A stream that is neither sending nor forbidden does not exist. */
  resources(vendor: string): SimResource[] {
    const streams = [...this.#everSeen].flatMap((key): SimResource[] => {
      const [app = '', stream = ''] = key.split('/');
      const sending = this.live.has(key);
      const state = this.stateOf({ app, stream });
      return state === 'offline' ? [] : [{ vendor, kind: 'stream', name: stream, billed: sending, state }];
    });
    const v4 = [...this.relaysV4.values()].map((relay) => ({
      vendor,
      kind: 'relay-v4',
      name: relay.stream,
      billed: true,
    }));
    const v3 = [...this.relaysV3.values()].map((relay) => ({
      vendor,
      kind: 'relay-v3',
      name: relay.group,
      billed: false,
    }));
    const presets = this.presets().map(({ name }) => ({ vendor, kind: 'record-preset', name, billed: false }));
    return [...streams, ...v4, ...v3, ...presets];
  }

  /** A stream counts once, however often it is forbidden, resumed or pushed. */
  made(): Record<string, number> {
    return { ...this.#made, stream: this.#everSeen.size };
  }
}

import type { LiveWindow, Session } from '../../../domain/channel.ts';
import { VendorError, type VendorErrorKind } from '../../../domain/errors.ts';
import type { Prng } from '../prng.ts';
import type { Clock } from '../temporal/clock.ts';

export type ChannelState = 'creating' | 'closed' | 'opening' | 'open' | 'closing' | 'deleting';

export interface CloudChannel {
  readonly name: string;
  /** The workflow id in its ownership tag. */
  readonly tag: string;
  state: ChannelState;
  records: boolean;
  /** Oldest first; one without an end is being sent. */
  readonly sessions: Session[];
  /** What was recorded; final a while after the channel was closed. */
  finalAt?: number;
}

export interface CloudOptions {
  clock: Clock;
  prng: Prng;
  note(line: string): void;
  /** Milliseconds that lists are late by. */
  listsLagMs: number;
}

const second = 1000;
/** Between two states that a call leads to. */
const transitionMs = { least: second, most: 40 * second };
const finalAfterMs = { least: second, most: 90 * second };

/** A vendor in memory, by its wire calls: channels with names that exist once, slow transitions, lists that lag. */
export class Cloud {
  readonly #options: CloudOptions;
  readonly #channels = new Map<string, CloudChannel>();
  /** By the name of the channel: recordings outlive it. */
  readonly #recorded = new Map<string, CloudChannel>();
  readonly #onChange = new Set<() => void>();
  #listed: { at: number; channels: readonly CloudChannel[] }[] = [];
  /** Every channel that was ever made, with its tag. */
  readonly made: { name: string; tag: string }[] = [];
  /** When channels were open to encoders. */
  readonly opened: { name: string; at: number }[] = [];
  /** When channels were closed to encoders. */
  readonly closed: { name: string; at: number }[] = [];
  /** Transitions begun while this is above 0 take so much longer, milliseconds. */
  stuckForMs = 0;

  constructor(options: CloudOptions) {
    this.#options = options;
  }

  get channels(): readonly CloudChannel[] {
    return [...this.#channels.values()];
  }

  /** What costs money while it is there. */
  get billed(): readonly CloudChannel[] {
    return this.channels;
  }

  find(name: string): CloudChannel | undefined {
    return this.#channels.get(name);
  }

  /** Puts a channel there that was made before. */
  populate(channel: CloudChannel): void {
    this.#channels.set(channel.name, channel);
  }

  /** Calls back at the next change, once. */
  onNextChange(callback: () => void): void {
    this.#onChange.add(callback);
  }

  // What a driver may call.

  getChannel(name: string): CloudChannel {
    const channel = this.#channels.get(name);
    if (!channel) throw refusal('not-found', 'getChannel', name, 'no such channel');
    return channel;
  }

  createChannel(name: string, tag: string): void {
    if (this.#channels.has(name)) throw refusal('conflict', 'createChannel', name, 'the name is taken');
    const channel: CloudChannel = { name, tag, state: 'creating', records: false, sessions: [] };
    this.#channels.set(name, channel);
    this.made.push({ name, tag });
    this.#moves(channel, 'creating', 'closed');
  }

  openChannel(name: string): void {
    const channel = this.#expect(name, 'openChannel', ['closed']);
    this.#moves(channel, 'opening', 'open', () => this.opened.push({ name, at: this.#now }));
  }

  createRecording(name: string): void {
    const channel = this.#expect(name, 'createRecording', ['closed', 'opening', 'open']);
    channel.records = true;
    this.#recorded.set(name, channel);
  }

  dropEncoder(name: string): void {
    this.#endSession(this.getChannel(name));
  }

  closeChannel(name: string): void {
    const channel = this.#expect(name, 'closeChannel', ['open']);
    this.closed.push({ name, at: this.#now });
    this.#endSession(channel);
    this.#moves(channel, 'closing', 'closed', () => {
      channel.finalAt = this.#now + this.#options.prng.between(finalAfterMs.least, finalAfterMs.most);
    });
  }

  deleteChannel(name: string): void {
    const channel = this.#expect(name, 'deleteChannel', ['closed']);
    this.#moves(channel, 'deleting', undefined, () => this.#channels.delete(name));
  }

  /** The channels as they were a while ago. */
  listChannels(): readonly CloudChannel[] {
    const seenAt = this.#now - this.#options.listsLagMs;
    return this.#listed.findLast(({ at }) => at <= seenAt)?.channels ?? [];
  }

  /** What was recorded; undefined while the vendor still writes. */
  recordingOf(name: string): LiveWindow[] | undefined {
    const channel = this.#recorded.get(name);
    if (!channel) return [];
    if (channel.finalAt === undefined || this.#now < channel.finalAt) return undefined;
    return channel.sessions.map(({ startedAt, endedAt = this.#now }) => ({ from: startedAt, to: endedAt }));
  }

  // What an encoder does.

  /** @returns Whether it was let in. */
  connect(name: string): boolean {
    const channel = this.#channels.get(name);
    if (channel?.state !== 'open' || isSent(channel)) return false;
    channel.sessions.push({ id: `session-${channel.sessions.length + 1}`, startedAt: this.#now });
    this.#changed(`${name}: an encoder is let in`);
    return true;
  }

  disconnect(name: string): void {
    const channel = this.#channels.get(name);
    if (channel) this.#endSession(channel);
  }

  get #now(): number {
    return this.#options.clock.now;
  }

  #expect(name: string, operation: string, states: readonly ChannelState[]): CloudChannel {
    const channel = this.getChannel(name);
    if (!states.includes(channel.state)) throw refusal('conflict', operation, name, `it is ${channel.state}`);
    return channel;
  }

  #moves(channel: CloudChannel, through: ChannelState, to: ChannelState | undefined, then = () => {}): void {
    const { clock, prng } = this.#options;
    channel.state = through;
    this.#changed(`${channel.name}: ${through}`);
    clock.in(prng.between(transitionMs.least, transitionMs.most) + this.stuckForMs, () => {
      if (to) channel.state = to;
      then();
      this.#changed(`${channel.name}: ${to ?? 'gone'}`);
    });
  }

  #endSession(channel: CloudChannel): void {
    const last = channel.sessions.at(-1);
    if (!last || last.endedAt !== undefined) return;
    last.endedAt = this.#now;
    this.#changed(`${channel.name}: the encoder is out`);
  }

  #changed(what: string): void {
    this.#options.note(`vendor: ${what}`);
    this.#listed.push({ at: this.#now, channels: this.channels.map((channel) => ({ ...channel })) });
    this.#listed = this.#listed.slice(-100);
    const callbacks = [...this.#onChange];
    this.#onChange.clear();
    for (const callback of callbacks) callback();
  }
}

export const isSent = ({ sessions }: Pick<CloudChannel, 'sessions'>): boolean => {
  const last = sessions.at(-1);
  return last !== undefined && last.endedAt === undefined;
};

export const refusal = (kind: VendorErrorKind, operation: string, resource: string, message: string): VendorError =>
  new VendorError({ kind, vendor: 'cloud', operation, resource, message });

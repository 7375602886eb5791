import { randomUUID } from 'node:crypto';

export interface TinyChannel {
  name: string;
  owner: string;
  open: boolean;
  sending: boolean;
  key: string;
  sessions: { startedAt: number; endedAt?: number }[];
}

export interface TinySegment {
  file: string;
  bytes: Buffer;
  durationMs: number;
  startedAt: number;
  discontinuity: boolean;
}

export const createState = () => ({
  made: 0,
  channels: new Map<string, TinyChannel>(),
  segments: new Map<string, TinySegment[]>(),
  recording: new Map<string, number>(),
});
export type State = ReturnType<typeof createState>;

export function createChannel(state: State, name: string, owner: string): TinyChannel {
  const channel = { name, owner, open: false, sending: false, key: `key_${randomUUID()}`, sessions: [] };
  state.channels.set(name, channel);
  state.made += 1;
  return channel;
}

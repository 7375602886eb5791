import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { createAuth } from '../../../../api/auth/auth.ts';
import type { ApiLimits } from '../../../../api/limits.ts';
import { createApi } from '../../../../api/server.ts';
import { ViewerAccess, type WatchMode } from '../../../../api/watch/access.ts';
import type { ShowcallerClient } from '../../../../client/client.ts';
import { NoSuchEventError } from '../../../../client/errors.ts';
import type { ShowcallerSchedules } from '../../../../client/schedules/schedules.ts';
import type { EventStatus, ProvedAsset, VodRetry } from '../../../../domain/report.ts';
import type { ForViewers } from '../../../../vendors/viewers.ts';

export const startsAt = Date.now() - 60_000;
export const live = 'https://live.example.com/final/live.m3u8';

const channel = {
  ref: { vendor: 'fake', account: 'default', name: 'sc-final', workflowId: 'live-event/final' },
  details: {},
};

/** What viewers may ask for, of an event that is on air. */
export const onAir: Partial<EventStatus> = {
  eventId: 'final',
  phase: 'live',
  startsAt,
  channel,
  playback: { hls: live },
  onAir: { state: 'on-air', since: startsAt, firstSegmentAt: startsAt },
  entered: { live: startsAt },
  vod: [],
};
export const asset = (url: string, proved = true): ProvedAsset => ({
  url,
  finality: 'ended',
  proof: { proved, durationMs: 1, expectedMs: 1, segments: 1, discontinuities: 0, checks: [] },
});
const recordingOf = (name: string) => `https://vod.example.com/${name}/index.m3u8`;
export const [firstPart, secondPart] = [recordingOf('a'), recordingOf('b')];

/** Statuses by what viewers should get of them. */
export const states: Record<string, Partial<EventStatus>> = {
  scheduled: { ...onAir, phase: 'scheduled', onAir: undefined, playback: undefined, entered: {} },
  dark: { ...onAir, phase: 'waiting-for-encoder', onAir: { state: 'dark', since: startsAt }, entered: {} },
  'on-air': onAir,
  frozen: { ...onAir, phase: 'encoder-lost', onAir: { state: 'frozen', since: startsAt, firstSegmentAt: startsAt } },
  proving: { ...onAir, phase: 'publishing-vod', entered: { ...onAir.entered, stopping: startsAt } },
  'one recording': { ...onAir, phase: 'completed', vod: [asset(firstPart)] },
  'two recordings': { ...onAir, phase: 'completed', vod: [asset(firstPart), asset(secondPart)] },
  'no recording': { ...onAir, phase: 'failed', vod: [asset(firstPart, false)] },
};

const playlistOf = (url: string): string =>
  `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${new URL('seg.ts', url).pathname.slice(1)}\n#EXT-X-ENDLIST\n`;

export interface Options {
  mode?: WatchMode;
  statuses?: Record<string, Partial<EventStatus>>;
  retries?: Record<string, VodRetry>;
  forViewers?: Partial<ForViewers>;
  limits?: Partial<ApiLimits>;
  secrets?: Buffer[];
}

/** The real API on a client that knows these events, and counts how often it is asked. */
export async function watchHarness({ mode = 'public', statuses = {}, retries = {}, ...options }: Options = {}) {
  const { secrets = [randomBytes(32)], limits = {}, forViewers } = options;
  const asked: string[] = [];
  const failing = { with: undefined as Error | undefined };
  const client = {
    status: async (key: string) => {
      asked.push(key);
      if (failing.with) throw failing.with;
      const found = statuses[key];
      if (!found) throw new NoSuchEventError(key);
      return found;
    },
    vodRetry: async (key: string) => retries[key],
    summary: async (eventId: string) => ({ eventId, key: eventId, workflowStatus: 'RUNNING' }),
    within: <T>(_ms: number, work: () => Promise<T>) => work(),
    forTenant: () => client,
    settled: async () => undefined,
  };
  const app = await createApi({
    client: client as unknown as ShowcallerClient,
    schedules: { forTenant: () => undefined } as unknown as ShowcallerSchedules,
    auth: createAuth(async (token) =>
      token === 'operator' || token === 'viewer' ? { name: token, permissions: [token] } : undefined,
    ),
    limits: { requestsPerAddress: 1e6, ...limits },
    watch: { mode, secrets },
    forViewers: {
      live: async () => ({ status: 404, contentType: '', body: Buffer.alloc(0) }),
      signed: async (_channel, url) => `${url}?signature=s3cret`,
      file: async (_channel, url) => ({ status: 200, contentType: '', body: Buffer.from(playlistOf(url)) }),
      ...forViewers,
    },
  });
  onTestFinished(() => app.close());
  const access = new ViewerAccess(secrets);
  return {
    app,
    asked,
    failing,
    access,
    /** Where an event is watched, with a token where one is needed. */
    address(event: { key: string; tenant?: string }, file = 'index.m3u8'): string {
      const id = access.idOf(event) ?? '';
      const token = mode === 'token' ? `?token=${access.tokenFor(id, Date.now() + 60_000)}` : '';
      return `/watch/${id}/${file}${token}`;
    },
  };
}

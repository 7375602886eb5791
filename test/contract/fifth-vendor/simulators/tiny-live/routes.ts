import { fileResponse } from '../../../../../simulators/kit/file-response.ts';
import { mediaPlaylist } from '../../../../../simulators/kit/playlist.ts';
import type { FaultKind, SimRequest, SimResponse } from '../../../../../simulators/kit/types.ts';
import { createChannel, type State } from './state.ts';

export interface World {
  state: State;
  token: string;
  kick(channel: string): void;
  url(): string;
}

const pageSize = 40;
const json = (status: number, value: object): SimResponse => ({ status, body: JSON.stringify(value) });
const refused = (status: number): SimResponse => json(status, { message: `refused with ${status}` });

const statuses: Partial<Record<FaultKind, number>> = { throttle: 429, quota: 402, unauthorized: 401, invalid: 400 };
export const fail = (kind: FaultKind): SimResponse => refused(statuses[kind] ?? 503);

const operations: readonly (readonly [RegExp, string])[] = [
  [/^GET \/vod\//, 'media:Get'],
  [/^GET \/recordings\//, 'GetRecording'],
  [/^GET \/channels$/, 'ListChannels'],
  [/^GET /, 'GetChannel'],
  [/^PUT /, 'CreateChannel'],
  [/^DELETE /, 'DeleteChannel'],
  [/\/ingest$/, 'SetOpen'],
  [/\/drop$/, 'DropEncoder'],
];
export const identify = ({ method, path }: SimRequest): string =>
  operations.find(([pattern]) => pattern.test(`${method} ${path}`))?.[1] ?? 'unknown';

export function handle(world: World, req: SimRequest, operation: string): SimResponse {
  const { state, token } = world;
  const [, , name = '', file = ''] = req.path.split('/').map(decodeURIComponent);
  if (operation === 'media:Get') return play(state, req, name, file);
  if (req.headers.authorization !== `Bearer ${token}`) return refused(401);
  if (operation === 'ListChannels') return list(state, req.query.get('after') ?? '');
  if (operation === 'GetRecording') return recording(world, name);
  const body = req.body.length > 0 ? (JSON.parse(req.body.toString()) as { owner?: string; open?: boolean }) : {};
  const found = state.channels.get(name);
  if (operation === 'CreateChannel') return json(200, found ?? createChannel(state, name, body.owner ?? ''));
  if (!found) return refused(404);
  if (operation === 'SetOpen') found.open = body.open === true;
  if (operation === 'DropEncoder') world.kick(name);
  if (operation === 'DeleteChannel') state.channels.delete(name);
  return json(200, found);
}

function list({ channels }: State, after: string): SimResponse {
  const all = [...channels.values()].filter(({ name }) => name > after).sort((a, b) => (a.name < b.name ? -1 : 1));
  const page = all.slice(0, pageSize);
  return json(200, { channels: page, ...(all.length > pageSize && { next: page.at(-1)?.name }) });
}

function recording({ state, url }: World, name: string): SimResponse {
  const segments = state.segments.get(name) ?? [];
  const durationMs = segments.reduce((sum, segment) => sum + segment.durationMs, 0);
  const where = segments.length > 0 ? { url: `${url()}/vod/${encodeURIComponent(name)}/index.m3u8` } : {};
  return json(200, { ...where, durationMs, ended: (state.recording.get(name) ?? 0) === 0 });
}

function play({ segments }: State, req: SimRequest, name: string, file: string): SimResponse {
  const all = segments.get(name) ?? [];
  const found = all.find((segment) => segment.file === file);
  if (found) return fileResponse(req, { body: found.bytes, contentType: 'video/mp2t' });
  if (file !== 'index.m3u8' || all.length === 0) return { status: 404 };
  const text = mediaPlaylist({
    segments: all.map((segment) => ({ ...segment, uri: segment.file })),
    type: 'VOD',
    ended: true,
    programDateTime: true,
  });
  return fileResponse(req, { body: Buffer.from(text), contentType: 'application/vnd.apple.mpegurl' });
}

import { serveVendor } from '../../../../../simulators/kit/http.ts';
import { type Recording, record } from '../../../../../simulators/kit/recorder.ts';
import { type IngestSession, RtmpIngest } from '../../../../../simulators/kit/rtmp-ingest.ts';
import type {
  RunningSimulator,
  SimulatorKit,
  SimulatorModule,
  SimulatorOptions,
} from '../../../../../simulators/kit/types.ts';
import { fail, handle, identify, type World } from './routes.ts';
import { createState, type State } from './state.ts';

const vendor = 'tiny-live';
const token = 'tiny-token-of-the-simulator';

export const tinyLiveSimulator: SimulatorModule = { vendor, start };

async function start(kit: SimulatorKit, options: SimulatorOptions): Promise<RunningSimulator> {
  const host = options.host ?? '127.0.0.1';
  const state = createState();
  const ingest = ingestOf(state);
  let url = '';
  const world: World = { state, token, kick: (name) => ingest.kick(name, 'dropped'), url: () => url };
  const server = await serveVendor({
    vendor,
    kit,
    host,
    identify,
    handle: (req, operation) => handle(world, req, operation),
    fail,
  });
  url = server.url;
  const ingestBaseUrl = `rtmp://${host}:${await ingest.listen(options.rtmpPort ?? 0, host)}/live`;
  return {
    vendor,
    env: { TINY_LIVE_ENDPOINT: url, TINY_LIVE_INGEST_BASE_URL: ingestBaseUrl, TINY_LIVE_TOKEN: token },
    client: { endpoint: url, token, ingestBaseUrl },
    resources: () =>
      [...state.channels.values()].map(({ name, open }) => ({ vendor, kind: 'channel', name, billed: open })),
    billed: () => [],
    made: () => ({ channel: state.made }),
    close: async () => {
      await server.close();
      await ingest.close();
    },
  };
}

function ingestOf(state: State): RtmpIngest {
  const ingest = new RtmpIngest({
    authorize: async ({ name }) => {
      const found = [...state.channels.values()].find(({ key }) => key === name);
      return found?.open ? { ok: true, key: found.name } : { ok: false, reason: 'no open channel has this key' };
    },
  });
  ingest.on('publish', (session) => keep(state, session));
  return ingest;
}

function keep(state: State, session: IngestSession): void {
  const name = session.key;
  const channel = state.channels.get(name);
  const visit: { startedAt: number; endedAt?: number } = { startedAt: session.startedAt };
  const segments = state.segments.get(name) ?? [];
  state.segments.set(name, segments);
  channel?.sessions.push(visit);
  if (channel) channel.sending = true;
  state.recording.set(name, (state.recording.get(name) ?? 0) + 1);
  const recording: Recording = record(session, {
    startIndex: segments.length,
    onTrouble: () => undefined,
    onSegment: ({ index, bytes, durationMs, startedAt, discontinuity }) => {
      segments.push({ file: `${index}.ts`, bytes, durationMs, startedAt, discontinuity });
    },
  });
  session.on('end', () => {
    visit.endedAt = Date.now();
    if (channel) channel.sending = false;
    void recording.finish().then(() => state.recording.set(name, (state.recording.get(name) ?? 1) - 1));
  });
}

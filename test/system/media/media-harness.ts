import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import type { Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { findFfmpeg } from '../../../simulators/kit/find-ffmpeg.ts';
import type { MediaTag } from '../../../simulators/kit/flv.ts';
import { readFlvTags } from '../../../simulators/kit/flv.ts';
import { packetsOf } from '../../../simulators/kit/media-packets.ts';
import { mediaPlaylist } from '../../../simulators/kit/playlist.ts';
import { record, type TsSegment } from '../../../simulators/kit/recorder.ts';
import { RtmpIngest } from '../../../simulators/kit/rtmp-ingest.ts';
import { RtmpPublisher } from '../../../simulators/kit/rtmp-publisher.ts';
import { givesUpAfterMs } from '../../support/hangs.ts';

export const ffmpeg = await findFfmpeg();

/** One push and what came of it. */
export interface Recorded {
  segments: TsSegment[];
  troubles: string[];
  /** Seconds that the playlist promises. */
  seconds: number;
  /** Why it ended. */
  reason: string;
}

export interface Ingest {
  url: string;
  /** When the next push has ended and all of it is kept. */
  recorded(): Promise<Recorded>;
}

/** An ingest that records all that is sent. */
export async function openIngest(): Promise<Ingest> {
  const ingest = new RtmpIngest({ authorize: async ({ name }) => ({ ok: true, key: name }) });
  onTestFinished(() => ingest.close());
  const port = await ingest.listen();
  return {
    url: `rtmp://127.0.0.1:${port}/app/show`,
    recorded: () =>
      new Promise((resolve) => {
        ingest.once('publish', (session) => {
          const segments: TsSegment[] = [];
          const troubles: string[] = [];
          const recording = record(session, {
            onSegment: (segment) => void segments.push(segment),
            onTrouble: (what) => troubles.push(what),
          });
          session.once('end', (reason) => {
            const seconds = () => segments.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
            void recording.finish().then(() => resolve({ segments, troubles, seconds: seconds(), reason }));
          });
        });
      }),
  };
}

/** What the fixture holds: 60 s and more of H.264 and AAC, cut after so many seconds, shown again as often as needed. */
export async function clip(seconds: number): Promise<MediaTag[]> {
  const tags = readFlvTags(await readFile(new URL('../../../simulators/kit/fixture.flv', import.meta.url)));
  const isFrame = (tag: MediaTag) => packetsOf(tag).some(({ kind }) => kind === 'frame');
  const frames = tags.filter(isFrame);
  const setUp = tags.filter((tag) => tag.type === 'data' || packetsOf(tag).some(({ kind }) => kind === 'config'));
  const pictures = frames.filter(({ type }) => type === 'video');
  const period = Math.round(
    (((pictures.at(-1)?.timestamp ?? 0) - (pictures[0]?.timestamp ?? 0)) / (pictures.length - 1)) * pictures.length,
  );
  const all: MediaTag[] = [...setUp];
  for (let base = 0; base < seconds * 1000; base += period) {
    for (const tag of frames) all.push({ ...tag, timestamp: tag.timestamp + base });
  }
  return all.filter(({ timestamp }) => timestamp < seconds * 1000);
}

/** Pictures in HEVC, made by ffmpeg, in the form of enhanced RTMP. */
export async function hevcClip(seconds: number): Promise<MediaTag[]> {
  const folder = await mkdtemp(join(tmpdir(), 'showcaller-hevc-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'clip.mp4');
  const source = ['-f', 'lavfi', '-i', `testsrc=size=320x180:rate=25:duration=${seconds}`];
  const codec = ['-c:v', 'libx265', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '50', '-tag:v', 'hvc1'];
  await run(ffmpeg ?? '', ['-v', 'error', ...source, ...codec, file]);
  const input = new Input({ source: new BufferSource(await readFile(file)), formats: ALL_FORMATS });
  const track = await input.getPrimaryVideoTrack();
  const config = await track?.getDecoderConfig();
  if (!track || !config?.description) throw new Error('ffmpeg made no HEVC');
  const description = ArrayBuffer.isView(config.description)
    ? Buffer.from(config.description.buffer, config.description.byteOffset, config.description.byteLength)
    : Buffer.from(config.description);
  const tag = (timestamp: number, first: number, ...parts: Buffer[]): MediaTag => {
    const data = Buffer.concat([Buffer.of(first), Buffer.from('hvc1'), ...parts]);
    return { type: 'video', timestamp, data };
  };
  const tags = [tag(0, 0x90, description)];
  let decodedAt = 0;
  for await (const packet of new EncodedPacketSink(track).packets()) {
    const offset = Buffer.alloc(3);
    offset.writeIntBE(Math.max(0, Math.round(packet.timestamp * 1000) + 80 - decodedAt), 0, 3);
    tags.push(tag(decodedAt, packet.type === 'key' ? 0x91 : 0xa1, offset, Buffer.from(packet.data)));
    decodedAt += 40;
  }
  return tags;
}

/** Sends the tags as fast as they are taken, or when `at` says so, milliseconds after the first. */
export async function send(
  url: string,
  tags: readonly MediaTag[],
  at?: (tag: MediaTag, index: number) => number,
): Promise<void> {
  const publisher = await RtmpPublisher.open(url);
  const begun = performance.now();
  for (const [index, tag] of tags.entries()) {
    const early = at ? at(tag, index) - (performance.now() - begun) : 0;
    if (early > 5) await new Promise((resolve) => setTimeout(resolve, early));
    if (!publisher.send(tag)) await publisher.drained();
  }
  await publisher.stop();
}

interface Ran {
  code: number | null;
  output: string;
}

/** A program with its output; what it is given comes to its standard input. */
export function run(program: string, args: readonly string[], input?: Buffer): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += bytes));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** What a decoder says against the recording: nothing, if it is whole. */
export async function complaintsOf({ segments }: Recorded): Promise<string> {
  if (ffmpeg === undefined) throw new Error('no ffmpeg');
  const bytes = Buffer.concat(segments.map((segment) => segment.bytes));
  const { output } = await run(ffmpeg, ['-v', 'error', '-f', 'mpegts', '-i', '-', '-f', 'null', '-'], bytes);
  return output.trim();
}

/** How many seconds of picture and of sound a decoder gets. */
export async function decoded({ segments }: Recorded): Promise<{ pictures: number; soundSeconds: number }> {
  if (ffmpeg === undefined) throw new Error('no ffmpeg');
  const bytes = Buffer.concat(segments.map((segment) => segment.bytes));
  const args = ['-hide_banner', '-f', 'mpegts', '-i', '-'];
  const frames = await run(ffmpeg, [...args, '-map', '0:v?', '-vsync', '0', '-f', 'null', '-'], bytes);
  const sound = await run(ffmpeg, [...args, '-map', '0:a?', '-f', 'null', '-'], bytes);
  const pictures = Number([...frames.output.matchAll(/frame= *(\d+)/g)].at(-1)?.[1] ?? 0);
  const [, hours, minutes, seconds] = [...sound.output.matchAll(/time=(\d+):(\d+):([\d.]+)/g)].at(-1) ?? [];
  return { pictures, soundSeconds: Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0) };
}

/** A page that plays the recording with hls.js, and its address. */
export async function servePlayer({ segments }: Recorded): Promise<string> {
  const player = await readFile(new URL('../../../node_modules/hls.js/dist/hls.min.js', import.meta.url));
  const files = new Map<string, [string, Buffer | string]>([
    ['/', ['text/html', page]],
    ['/hls.js', ['text/javascript', player]],
    [
      '/list.m3u8',
      [
        'application/vnd.apple.mpegurl',
        mediaPlaylist({
          segments: segments.map((one) => ({ ...one, uri: `${one.index}.ts` })),
          type: 'VOD',
          ended: true,
        }),
      ],
    ],
    ...segments.map(({ index, bytes }) => [`/${index}.ts`, ['video/mp2t', bytes]] as [string, [string, Buffer]]),
  ]);
  const server: Server = createServer((req, res) => {
    const [type, body] = files.get(req.url ?? '') ?? [];
    res.writeHead(body === undefined ? 404 : 200, { 'content-type': type ?? 'text/plain' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const page = `<!doctype html><video id="v" playsinline></video><script src="/hls.js"></script><script>
const video = document.getElementById('v');
window.outcome = { errors: [], ended: false, codecs: [] };
const hls = new Hls({ maxBufferLength: 120, backBufferLength: 600 });
// A stall that is over is a busy machine's; with B-frames the first picture is shown later than the first sound is heard.
const usual = (details) => details === 'bufferStalledError' || (details === 'bufferSeekOverHole' && video.currentTime < 0.3);
hls.on(Hls.Events.ERROR, (_, { type, details, fatal }) => !fatal && usual(details) ? 0 : outcome.errors.push([type, details, fatal ? 'fatal' : '', 'at', video.currentTime, ...[...Array(video.buffered.length).keys()].map((i) => video.buffered.start(i) + '-' + video.buffered.end(i))].join(' ')));
hls.on(Hls.Events.FRAG_PARSING_INIT_SEGMENT, (_, { tracks }) => { outcome.codecs = Object.values(tracks ?? {}).map(({ codec }) => codec); });
video.addEventListener('ended', () => { outcome.ended = true; });
hls.on(Hls.Events.MANIFEST_PARSED, () => { video.playbackRate = 4; video.play(); });
hls.loadSource('/list.m3u8');
hls.attachMedia(video);
</script>`;

export interface Played {
  ended: boolean;
  errors: string[];
  /** What the player read in the segments, whether the browser plays it or not. */
  codecs: string[];
  seconds: number;
  soundBytes: number;
  width: number;
}

/** Plays to the end, or until the player gives up. */
export async function play(browserPage: Page, address: string): Promise<Played> {
  await browserPage.goto(address);
  await browserPage
    .waitForFunction('outcome.ended || outcome.errors.some((one) => one.includes("fatal"))', undefined, {
      timeout: givesUpAfterMs,
    })
    .catch(() => undefined);
  return browserPage.evaluate<Played>(
    '({ ...outcome, seconds: video.currentTime, soundBytes: video.webkitAudioDecodedByteCount, width: video.videoWidth })',
  );
}

export const gstreamer = await run('gst-launch-1.0', ['--version']).then(
  ({ code }) => code === 0,
  () => false,
);
if (!gstreamer) console.warn('no GStreamer: its pushes were not recorded; install gstreamer1.0-tools and its plugins');

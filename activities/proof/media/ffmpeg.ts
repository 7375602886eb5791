import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

export type Container = 'mpegts' | 'mp4' | 'aac';

/** The result of decoding a segment. */
export interface Decoded {
  /** Decoded without a failure that ended it. */
  ok: boolean;
  pictures: number;
  /** How long what it decoded lasts, milliseconds. */
  lengthMs: number;
  /** It cannot decode this, whatever the segment is like. */
  isUnable: boolean;
}

/** Decodes a segment, behind its initialisation section where it has one. */
export type Decode = (bytes: Uint8Array, container: Container) => Promise<Decoded>;

const trialMs = 10_000;
/** A segment is seconds long; a decoder that takes longer hangs. */
const mostMs = 60_000;
/** A single allocation of more is not for a picture. */
const mostAllocation = 512 * 1024 * 1024;
/**
 * Of a picture. A decoder keeps more than a dozen at once, and a segment of a few kilobytes may announce pictures of hundreds of
 * megabytes; no vendor takes more than 4K.
 */
const mostPixels = 4_096 * 4_096;
const mostOutput = 65_536;
/** Where programs are when the variable is not set. */
const usualPath = '/usr/bin:/bin';
/** Whatever else this machine does comes first. */
const lowPriority = 10;

/** A decoder, where an ffmpeg runs here. Segments are decoded one after the other. */
export async function ffmpegDecoder(path?: string): Promise<Decode | undefined> {
  const found = await findFfmpeg(path);
  return found === undefined ? undefined : oneByOne(found);
}

/** The path of the first ffmpeg that runs here: of the given one, else of the one on PATH, else of the one that npm installed. */
export async function findFfmpeg(path?: string): Promise<string | undefined> {
  for (const named of path === undefined ? ['ffmpeg', await installedPath()] : [path]) {
    for (const candidate of pathsOf(named)) if (await runs(candidate)) return candidate;
  }
  return undefined;
}

/** A name stands for a file on PATH. It is looked up here, because ffmpeg runs without the variable. */
function pathsOf(named = ''): string[] {
  if (named === '') return [];
  if (/[\\/]/.test(named)) return [named];
  const folders = (process.env.PATH ?? usualPath).split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, named)).filter((file) => existsSync(file));
}

/** Looks for an ffmpeg when the first segment is to be decoded, and not before. */
export function lazyDecoder(path?: string): () => Promise<Decode | undefined> {
  let found: Promise<Decode | undefined> | undefined;
  return () => {
    found ??= ffmpegDecoder(path);
    return found;
  };
}

/** The package throws on platforms it has no binary for, and may not be installed. */
async function installedPath(): Promise<string | undefined> {
  try {
    const { default: installer } = await import('@ffmpeg-installer/ffmpeg');
    return installer.path;
  } catch {
    return undefined;
  }
}

/** The trial has no variables either: one that needs them would decode nothing. */
const runs = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(path, ['-hide_banner', '-version'], { stdio: 'ignore', env: {}, timeout: trialMs });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });

function oneByOne(path: string): Decode {
  let before: Promise<unknown> = Promise.resolve();
  return (bytes, container) => {
    const decoding = before.then(() => run(path, bytes, container));
    before = decoding.catch(() => undefined);
    return decoding;
  };
}

async function run(path: string, bytes: Uint8Array, container: Container): Promise<Decoded> {
  const given = { level: 'error', output: ['-f', 'null', '-progress', 'pipe:1', '-'], mostMs } as const;
  const { isStarted, ok, output, complaints } = await runFfmpeg(path, bytes, container, given);
  if (!isStarted) return { ok: false, pictures: 0, lengthMs: 0, isUnable: true };
  return outcomeOf(ok, output, complaints);
}

const demuxers: Record<Container, string> = { mpegts: 'mpegts', mp4: 'mov', aac: 'aac' };

export interface FfmpegRun {
  isStarted: boolean;
  ok: boolean;
  /** The last of what it wrote to its output, a character for each byte, and to its log. */
  output: string;
  complaints: string;
}

/** Runs an ffmpeg over a segment, in a process that sees nothing but the bytes it is given. */
export function runFfmpeg(
  path: string,
  bytes: Uint8Array,
  container: Container,
  how: { level: 'error' | 'info'; decoding?: readonly string[]; output: readonly string[]; mostMs: number },
): Promise<FfmpegRun> {
  const input = ['-f', demuxers[container], '-i', 'pipe:0', '-map', '0:v:0?', '-map', '0:a:0?'];
  // No other protocol: what a segment names must not be fetched.
  const general = ['-hide_banner', '-nostats', '-v', how.level, '-protocol_whitelist', 'pipe', '-threads', '1'];
  const limits = ['-max_alloc', String(mostAllocation), '-max_pixels', String(mostPixels)];
  return new Promise((resolve) => {
    const child = spawn(path, [...general, ...limits, ...(how.decoding ?? []), ...input, ...how.output], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {},
      timeout: how.mostMs,
      killSignal: 'SIGKILL',
    });
    if (child.pid !== undefined) setPriority(child.pid, lowPriority);
    const [output, complaints] = [collected(child.stdout, 'latin1'), collected(child.stderr, 'utf8')];
    // It may end before it has read everything.
    child.stdin.on('error', () => undefined);
    child.stdin.end(bytes);
    child.once('error', () => resolve({ isStarted: false, ok: false, output: '', complaints: '' }));
    child.once('close', (code) =>
      resolve({ isStarted: true, ok: code === 0, output: output(), complaints: complaints() }),
    );
  });
}

function collected(stream: NodeJS.ReadableStream, encoding: 'latin1' | 'utf8'): () => string {
  let text = '';
  stream.setEncoding(encoding);
  stream.on('data', (part: string) => {
    text = (text + part).slice(-mostOutput);
  });
  return () => text;
}

/** Words of an ffmpeg that lacks a codec, was built for another container, or may not decode so large a picture. */
const unable = /decoder .*not found|unknown decoder|unsupported codec|unknown input format|max pixel count/i;

function outcomeOf(ok: boolean, progress: string, complaints: string): Decoded {
  const [, hours, minutes, seconds] = /.*out_time=(\d+):(\d+):([\d.]+)/s.exec(progress) ?? [];
  return {
    ok,
    pictures: Number(/.*frame=\s*(\d+)/s.exec(progress)?.[1] ?? 0),
    lengthMs: Math.round((Number(hours ?? 0) * 3_600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)) * 1000),
    isUnable: unable.test(complaints),
  };
}

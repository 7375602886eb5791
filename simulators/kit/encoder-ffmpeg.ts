import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Encoder, EncoderEnd, EncoderOptions } from './encoder-types.ts';
import { findFfmpeg } from './find-ffmpeg.ts';
import { parsePushUrl } from './push-url.ts';
import { redactPushUrl } from './redact.ts';

type Child = ChildProcessByStdio<null, Readable, Readable>;

const frameRate = 25;
const maxComplaintLength = 2_000;
/** An ffmpeg that does not end within this after being asked is killed. */
const goodbyeMs = 5_000;

/** A test pattern with a running clock, a tone, and a key frame every second. */
export async function startFfmpegEncoder({ url, seconds }: EncoderOptions): Promise<Encoder> {
  parsePushUrl(url);
  const path = await findFfmpeg();
  if (path === undefined) {
    throw new Error('no ffmpeg runs here: set FFMPEG to the path of one, or use the encoder source "fixture"');
  }
  const child = spawn(path, commandLine(url, seconds), { stdio: ['ignore', 'pipe', 'pipe'] });
  const complaint = collect(child, url);
  let wish: EncoderEnd['reason'] | undefined;
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code));
  });
  const done = exited.then((code): EncoderEnd => {
    if (wish) return { reason: wish };
    return code === 0 ? { reason: 'finished' } : { reason: 'closed', detail: complaint() };
  });

  const started = await Promise.race([firstProgress(child), done]);
  if (started !== 'running') {
    throw new Error(`RTMP publish to ${redactPushUrl(url)} failed: ${started.detail || 'ffmpeg ended at once'}`);
  }
  const end = async (reason: 'stopped' | 'dropped', signal: NodeJS.Signals) => {
    wish ??= reason;
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), goodbyeMs);
    await done;
    clearTimeout(timer);
  };
  return { done, stop: () => end('stopped', 'SIGINT'), drop: () => end('dropped', 'SIGKILL') };
}

function commandLine(url: string, seconds: number | undefined): string[] {
  const general = ['-hide_banner', '-loglevel', 'error', '-nostats', '-progress', 'pipe:1'];
  const picture = ['-re', '-f', 'lavfi', '-i', `testsrc=size=320x180:rate=${frameRate}`];
  const sound = ['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100'];
  const avc = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-threads',
    '1',
    '-pix_fmt',
    'yuv420p',
  ];
  const keys = ['-g', String(frameRate), '-keyint_min', String(frameRate), '-sc_threshold', '0', '-b:v', '300k'];
  const aac = ['-c:a', 'aac', '-b:a', '64k', '-ac', '1'];
  const length = seconds === undefined ? [] : ['-t', String(seconds)];
  return [...general, ...picture, ...sound, ...length, ...avc, ...keys, ...aac, '-f', 'flv', url];
}

/** It reports progress only after the server has let it in. */
const firstProgress = (child: Child): Promise<'running'> =>
  new Promise((resolve) => {
    child.stdout.once('data', () => {
      child.stdout.resume();
      resolve('running');
    });
  });

/** What it says on stderr, without the URL: that is secret. */
function collect(child: Child, url: string): () => string {
  let text = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (part: string) => {
    text = (text + part).slice(-maxComplaintLength);
  });
  return () => text.replaceAll(url, redactPushUrl(url)).trim();
}

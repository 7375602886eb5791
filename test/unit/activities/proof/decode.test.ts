import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Decode, ffmpegDecoder, findFfmpeg, lazyDecoder } from '../../../../activities/proof/media/ffmpeg.ts';
import { proveAsset } from '../../../../activities/proof/prove.ts';
import { realFragments } from '../../../support/real-fragments.ts';
import { realSegments } from '../../../support/real-media.ts';
import { encrypted, minute } from './case-parts.ts';
import { input, type Store, store, windowOf } from './recording.ts';

const real = realSegments(30);
const showSeconds = real.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
const list = real.map(({ durationMs }) => ({ duration: durationMs / 1000 }));

/** A playlist over these segments. */
function recording(segments: readonly Uint8Array[], durations?: readonly number[]): Store {
  const from = store(durations?.map((duration) => ({ duration })) ?? list, { target: 5 });
  for (const [i, bytes] of segments.entries()) from.put(`${i}.ts`, bytes);
  return from;
}

const whole = () => recording(real.map(({ bytes }) => bytes));

async function played(from: Store, decode: Decode | undefined) {
  const given = { ...input(from, { windows: [windowOf(showSeconds)] }), decoder: async () => decode };
  const proof = await proveAsset(given);
  return { proved: proof.proved, detail: proof.checks.find(({ name }) => name === 'segments-play')?.detail };
}

/** A program of the name ffmpeg, in the only folder of PATH. */
async function standIn(script: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'showcaller-ffmpeg-'));
  const path = join(folder, 'ffmpeg');
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', folder);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });
  return path;
}

const fine = { ok: true, pictures: 30, lengthMs: 2_000, isUnable: false };

describe('a decoder', () => {
  test('is given a sample: both ends and some between, each whole', async () => {
    const sizes: number[] = [];
    const decode: Decode = async (bytes, container) => {
      expect(container).toBe('mpegts');
      sizes.push(bytes.length);
      return fine;
    };
    expect(await played(whole(), decode)).toEqual({ proved: true, detail: 'decoded 6 of them' });
    expect(sizes[0]).toBe(real[0]?.bytes.length);
    expect(sizes).toHaveLength(6);
  });

  test('is given what was encrypted as its key opens it', async () => {
    let first: Uint8Array | undefined;
    const decode: Decode = async (bytes) => {
      first ??= bytes;
      return fine;
    };
    expect((await played(encrypted(whole()), decode)).proved).toBe(true);
    expect(first && Buffer.compare(first, real[0]?.bytes ?? Buffer.alloc(0))).toBe(0);
  });

  test.each([
    ['fails', { ok: false }, /0\.ts cannot be decoded/],
    ['finds no picture', { pictures: 0 }, /0\.ts has 30 pictures, of which 0 can be decoded/],
    ['finds little', { lengthMs: 300 }, /0\.ts has 0\.3 s that can be decoded, 2 s are listed/],
  ])('that %s leaves the recording unproved', async (_, outcome, detail) => {
    const seen = await played(whole(), async () => ({ ...fine, ...outcome }));
    expect(seen).toEqual({ proved: false, detail: expect.stringMatching(detail) });
  });

  test('that does not know the codec says nothing of the recording, and the proof says so', async () => {
    const seen = await played(whole(), async () => ({ ok: false, pictures: 0, lengthMs: 0, isUnable: true }));
    expect(seen).toEqual({ proved: true, detail: 'decoded 0 of them, 6 cannot be decoded here' });
  });

  test('that is not there is named', async () => {
    expect(await played(whole(), undefined)).toEqual({ proved: true, detail: 'none was decoded: no ffmpeg runs here' });
  });

  test('is not asked for when the recording is not whole anyway', async () => {
    const from = whole().edit('index.m3u8', (text) => text.replace('#EXT-X-ENDLIST\n', ''));
    const decode: Decode = () => Promise.reject(new Error('it was asked'));
    expect((await played(from, decode)).proved).toBe(false);
  });

  test('is none where the path is empty, or where nothing runs there', async () => {
    expect(await ffmpegDecoder('')).toBeUndefined();
    expect(await lazyDecoder('/nowhere/ffmpeg')()).toBeUndefined();
  });

  test.each([undefined, 'ffmpeg'])('runs from a folder that only PATH names, with no variable: %s', async (name) => {
    const path = await standIn('echo frame=3; echo out_time=00:00:02.0; [ -z "$OF_THE_WORKER" ]');
    vi.stubEnv('OF_THE_WORKER', 'secret');
    expect(await findFfmpeg(name)).toBe(path);
    const decode = await ffmpegDecoder(name);
    expect(await decode?.(Buffer.from('a segment'), 'mpegts')).toEqual({ ...fine, pictures: 3 });
  });

  test('is none that runs only with the variables of the worker', async () => {
    await standIn('[ -n "$OF_THE_WORKER" ]');
    vi.stubEnv('OF_THE_WORKER', 'secret');
    expect(await findFfmpeg('ffmpeg')).toBeUndefined();
  });
});

const ffmpeg = await ffmpegDecoder();

describe.skipIf(!ffmpeg)('ffmpeg', () => {
  test('decodes a real recording in MPEG-TS', async () => {
    expect(await played(whole(), ffmpeg)).toEqual({ proved: true, detail: 'decoded 6 of them' });
  });

  test('decodes a real recording in MP4', async () => {
    const { init, fragments, durations } = await realFragments(real);
    const from = recording(fragments, durations).edit('index.m3u8', (text) =>
      text.replace('VERSION:4', 'VERSION:7').replace('#EXTINF', '#EXT-X-MAP:URI="init.mp4"\n#EXTINF'),
    );
    expect(await played(from.put('init.mp4', init), ffmpeg)).toEqual({ proved: true, detail: 'decoded 6 of them' });
  });

  test('does not decode samples that have times and no pictures', async () => {
    const proof = await proveAsset({ ...input(minute()), decoder: async () => ffmpeg });
    expect(proof.proved).toBe(false);
    expect(proof.checks.find(({ name }) => name === 'segments-play')?.detail).toMatch(
      /cannot be decoded|0 can be decoded/,
    );
  });

  test('does not decode segments whose middle is nothing', async () => {
    const segments = real.map(({ bytes }) => {
      const damaged = Uint8Array.from(bytes);
      // Between its first and its last pictures every packet is a null packet.
      for (let at = 188 * 12; at < damaged.length - 188 * 12; at += 188) damaged.set([0x47, 0x1f, 0xff, 0x10], at);
      return damaged;
    });
    expect((await played(recording(segments), ffmpeg)).proved).toBe(false);
  });

  test('decodes no picture that would fill the memory of this machine', async () => {
    const path = (await findFfmpeg()) ?? '';
    const source = ['-f', 'lavfi', '-i', 'color=size=4112x4112:rate=5:duration=0.4'];
    const args = [...source, '-c:v', 'libx264', '-preset', 'ultrafast', '-f', 'mpegts', 'pipe:1'];
    const huge = execFileSync(path, ['-v', 'error', ...args], { maxBuffer: 16 * 1024 * 1024 });
    expect(await ffmpeg?.(huge, 'mpegts')).toMatchObject({ ok: false, pictures: 0, isUnable: true });
  });
});

/** What the proof of a long recording costs: time, memory, and for how long it stops everything else of the process. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'hls-parser';
import { proveAll } from '../activities/proof/prove.ts';
import { tsMedia } from '../test/support/media.ts';
import type { VodFile } from '../vendors/driver.ts';
import { printRows, rounded } from './stand.ts';

const hour = 3_600_000;
const segmentMs = 2_000;
const startsAt = Date.UTC(2026, 11, 1, 18);
const host = 'https://vod.example';
const names = ['1080p', '720p', '480p'];

const head = '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n';
const tail = '#EXT-X-ENDLIST\n';

/** A list of segments with a date for each, as Amazon IVS writes it; written in place, to leave no garbage behind. */
function playlist(hours: number): Buffer {
  const count = (hours * hour) / segmentMs;
  const list = Buffer.alloc(head.length + tail.length + 100 * count);
  let at = list.write(head, 0);
  for (let i = 0; i < count; i += 1) {
    const date = new Date(startsAt + i * segmentMs).toISOString();
    at += list.write(`#EXT-X-PROGRAM-DATE-TIME:${date}\n#EXTINF:2.000,\n${i}.ts\n`, at);
  }
  return list.subarray(0, at + list.write(tail, at));
}

const master = (variants: number): Uint8Array =>
  Buffer.from(
    [
      '#EXTM3U',
      ...names.slice(0, variants).flatMap((name) => ['#EXT-X-STREAM-INF:BANDWIDTH=1000000', `${name}/i.m3u8`]),
    ].join('\n'),
  );

interface Measured {
  proved: boolean;
  seconds: number;
  requests: number;
  megabytes: number;
  blockedMs: number;
}

async function measure(hours: number, variants: number): Promise<Measured> {
  const text = playlist(hours);
  let requests = 0;
  const fetch = async (url: string, range?: { start: number; end: number }): Promise<VodFile> => {
    requests += 1;
    // As the network does: each answer comes in a later turn of the loop.
    await nextTurn();
    const contentType = 'application/vnd.apple.mpegurl';
    // A copy, as every answer of a server is one.
    if (url.endsWith('/i.m3u8')) return { status: 200, contentType, body: new Uint8Array(text) };
    if (url.endsWith('master.m3u8')) return { status: 200, contentType, body: master(variants) };
    return segmentFile(url, range);
  };
  const watch = new LoopWatch();
  const from = performance.now();
  const { proved, reason } = await proveAll({
    assets: [{ url: `${host}/${variants > 1 ? 'master' : 'only/i'}.m3u8`, finality: 'bench' }],
    windows: [{ from: startsAt, to: startsAt + hours * hour }],
    fetch,
    pause: async () => undefined,
  });
  const seconds = (performance.now() - from) / 1000;
  if (reason) console.error(reason);
  return { proved, seconds, requests, ...watch.stop() };
}

/** Time on a CPU of the main thread, nanoseconds: what others of a busy machine take away is not counted. */
const onCpu = (): number => Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ', 1)[0]);

/** Looks at every turn of the main loop how long the one before took, and how large the process is. */
class LoopWatch {
  readonly #before = process.memoryUsage.rss();
  #most = this.#before;
  #longest = 0;
  #last = onCpu();
  #on = true;

  constructor() {
    const turn = () => {
      const now = onCpu();
      this.#longest = Math.max(this.#longest, now - this.#last);
      this.#most = Math.max(this.#most, process.memoryUsage.rss());
      this.#last = onCpu();
      if (this.#on) setImmediate(turn);
    };
    setImmediate(turn);
  }

  stop(): { megabytes: number; blockedMs: number } {
    this.#on = false;
    return { megabytes: (this.#most - this.#before) / 2 ** 20, blockedMs: this.#longest / 1e6 };
  }
}

/** A parser of whole texts on the same list, for comparison. */
function wholeText(hours: number): { seconds: number } {
  const text = playlist(hours).toString();
  const from = performance.now();
  parse(text);
  return { seconds: (performance.now() - from) / 1000 };
}

/** Segments of 180 kbit/s, so that their two ends are two reads. */
function segmentFile(url: string, range?: { start: number; end: number }): VodFile {
  const startMs = segmentMs * Number(/(\d+)\.ts$/.exec(url)?.[1]);
  const media = tsMedia({ startMs, lengthMs: segmentMs, everyMs: 100, bytes: 2_000 });
  const body = media.subarray(range?.start ?? 0, (range?.end ?? media.length) + 1);
  return { status: range ? 206 : 200, contentType: 'video/mp2t', totalBytes: media.length, body };
}

const [hoursOfChild, variantsOfChild] = process.argv.slice(2).map(Number);
if (hoursOfChild !== undefined && variantsOfChild !== undefined) {
  process.stdout.write(JSON.stringify(await measure(hoursOfChild, variantsOfChild)));
} else {
  const rows = [];
  for (const [show, hours, variants] of [
    ['2 hours', 2, 1],
    ['1 day', 24, 1],
    ['7 days', 168, 1],
    ['7 days, 3 variants', 168, 3],
  ] as const) {
    // In a process of its own, so that one case does not find the memory of another.
    const command = [...process.execArgv, fileURLToPath(import.meta.url), String(hours), String(variants)];
    const child = spawnSync(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
    const { proved, seconds, requests, megabytes, blockedMs } = JSON.parse(child.stdout) as Measured;
    rows.push({
      show,
      proved: String(proved),
      'time, s': rounded(seconds, 2),
      requests,
      'memory, MB': rounded(megabytes, 0),
      'longest stop of the main loop, ms': rounded(blockedMs, 0),
    });
  }
  const { seconds } = wholeText(168);
  printRows('proof', rows, { 'one parse of 7 days as a whole text, s': rounded(seconds, 2) });
}

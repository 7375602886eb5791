import { Viewer, type ViewerGet } from '../activities/on-air/viewer.ts';
import type { Channel } from '../domain/channel.ts';
import { addressesOf, type Playback } from '../domain/playback.ts';
import { withoutQueries } from '../domain/without-queries.ts';
import { type CheckRun, waitsOf } from './check-run.ts';
import { Contradiction, NotTestable } from './findings.ts';
import { rest, retried } from './waits.ts';

/** The channel is billed while viewers wait for the first segment. */
const firstSegmentWithinMs = 3 * 60_000;
const playerWaitsMs = 10_000;
const mostPlaylistBytes = 1024 * 1024;
type Sign = (url: string) => Promise<string>;

const refusals: readonly number[] = [401, 403];

/** Where viewers watch, asked before the start and once the output is there. Undefined when it was not confirmed. */
export async function playbackStays(
  run: CheckRun,
  channel: Channel,
  early: Playback | undefined,
): Promise<Playback | undefined> {
  const checked = await run.findings.check(
    'playback',
    async () => {
      const now = await playbackOf(run, channel);
      const signed = addressesOf(now).find(([, url]) => /[?#]/.test(url));
      if (signed) throw new Contradiction(`the ${signed[0]} address carries a query, where a token may stand`);
      if (now.hls === undefined) throw new NotTestable(now.note ?? 'the driver gives no HLS address');
      const changed = early && addressesOf(early).find(([, url]) => !addressesOf(now).some(([, one]) => one === url));
      if (changed) throw new Contradiction(`before the start the ${changed[0]} address was another: ${changed[1]}`);
      return now;
    },
    ({ hls }) => hls,
  );
  return checked?.value;
}

export const playbackOf = (run: CheckRun, channel: Channel): Promise<Playback> =>
  retried(() => run.driver.playback(channel), waitsOf(run));

/** While the encoder sends: what viewers get at the address, and what it must carry. */
export async function watched(run: CheckRun, channel: Channel, playback: Playback | undefined): Promise<void> {
  const hls = playback?.hls;
  if (hls === undefined) return;
  const sign = (url: string) => run.driver.viewerUrl(channel, url);
  await run.findings.check('on-air', () =>
    run.findings.timed('give viewers new segments', () => comesOnAir(run, hls, sign, playback?.note)),
  );
  await run.findings.check('viewer-url', () => isServedAsSaid(run, hls, sign, playback?.needs));
}

async function comesOnAir(run: CheckRun, url: string, sign: Sign, note?: string): Promise<string> {
  const { timeScale, limits, signal } = run;
  const viewer = new Viewer({ url, get: getOf(run), sign, elapsed: () => performance.now() });
  const limitMs = Math.min(limits.stepMs, firstSegmentWithinMs);
  let first: string | undefined;
  for (const begunAt = performance.now(); performance.now() - begunAt < limitMs; ) {
    await viewer.look();
    const newest = viewer.main.state === 'on-air' ? viewer.main.playlist?.uris.at(-1) : undefined;
    // The first may be the last: viewers need another after it.
    if (newest !== undefined && first !== undefined && newest !== first) return withoutQueries(url);
    first ??= newest;
    await rest(Math.max(200, 1_000 * timeScale), signal);
  }
  const { state, reason } = viewer.main;
  const seen = `${state}${reason === undefined ? '' : `: ${withoutQueries(reason)}`}`;
  // What a person must do first was not done.
  if (note !== undefined) throw new NotTestable(`${note} (${seen})`);
  throw new Contradiction(
    `viewers do not get one new segment after another in ${Math.round(limitMs / 1_000)} s (${seen})`,
  );
}

async function isServedAsSaid(run: CheckRun, url: string, sign: Sign, needs: Playback['needs']) {
  const get = getOf(run);
  const statusOf = async (address: string) =>
    (await get(address, { trusted: url, maxBytes: mostPlaylistBytes })).status;
  const signed = await statusOf(await sign(url));
  if (signed !== 200) throw new Contradiction(`the address made for a viewer answers ${signed}`);
  if (needs === undefined) return 'it needs nothing';
  const unsigned = await statusOf(url);
  if (!refusals.includes(unsigned)) throw new Contradiction(`without its ${needs} the address answers ${unsigned}`);
  return `without its ${needs}: ${unsigned}`;
}

const getOf =
  ({ http }: CheckRun): ViewerGet =>
  (url, { etag, trusted, maxBytes }) =>
    http.get(url, { timeoutMs: playerWaitsMs, maxBytes, trusted: [trusted], ifNoneMatch: etag });

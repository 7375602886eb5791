import { proveAll } from '../activities/proof/prove.ts';
import type { Channel, LiveWindow, Output } from '../domain/channel.ts';
import { withoutQueries } from '../domain/without-queries.ts';
import { askAgain, type CheckRun, waitsOf } from './check-run.ts';
import { Contradiction } from './findings.ts';
import { reach, rest, retried, until } from './waits.ts';

interface Stopped {
  channel: Channel;
  output: Output;
  windows: readonly LiveWindow[];
  showEndedAt: number;
}

/** How long after it was published a recording may still be written to. */
const settlesWithinMs = 10 * 60_000;
const againMs = 15_000;

/** Publishes the recording and reads it as a player would; returns the playlists. */
export async function provedRecording(run: CheckRun, stopped: Stopped): Promise<string[]> {
  const { driver, findings, limits, timeScale, signal } = run;
  const { channel, output, windows, showEndedAt } = stopped;
  run.say('waiting for the recording');
  const waits = waitsOf(run, limits.recordingMs);
  const publish = () => reach(() => driver.publishVod(channel, output, windows), 'recording', waits);
  const published = await findings.check(
    'recording',
    async () => {
      const assets = await findings.timed('publish the recording', publish);
      if (assets.length === 0) throw new Contradiction('the vendor has no recording of what was sent');
      return assets;
    },
    (assets) => assets.map(({ url }) => withoutQueries(url)).join(', '),
  );
  if (!published) return [];
  const assets = published.value;
  const urls = assets.map(({ url }) => url);
  await findings.check('proof', () =>
    findings.timed('prove the recording', () =>
      until(
        async () => {
          const { proved, reason } = await retried(
            () =>
              proveAll({
                assets,
                windows,
                showEndedAt,
                fetch: (url, range, asset) => driver.fetchVod(url, range, asset),
                pause: (ms) => rest(ms * Math.min(1, timeScale), signal),
              }),
            waits,
          );
          if (!proved) throw new Contradiction(reason ?? 'it is not proved');
        },
        waitsOf(run, Math.min(limits.recordingMs, settlesWithinMs)),
        Math.max(1_000, againMs * timeScale),
      ),
    ),
  );
  await askAgain(run, 'publishVod', urls, async () => (await publish()).map(({ url }) => url), { overwrites: true });
  return urls;
}

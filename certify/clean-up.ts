import type { ChannelRef } from '../domain/channel.ts';
import { askAgain, type CheckRun, ownChannels, waitsOf } from './check-run.ts';
import { Contradiction, NotTestable } from './findings.ts';
import { type MadeByShow, staysShut } from './show.ts';
import { reach, retried, until, type Waits } from './waits.ts';

/** Releases the channel, whatever happened before; returns what could not be released. Only `signal` ends it before. */
export async function cleanUp(
  run: CheckRun,
  shown: Partial<MadeByShow>,
  signal: AbortSignal = new AbortController().signal,
): Promise<ChannelRef | undefined> {
  const { driver, findings, ref, limits } = run;
  run.say(`releasing ${ref.name}`);
  const calm: CheckRun = { ...run, signal };
  const waits: Waits = waitsOf(calm, limits.cleanUpMs);
  const release = () => reach(() => driver.cleanUp(ref), 'after-show', waits);
  const released = await findings.check('clean-up', () => findings.timed('clean up', release));
  if (!released) return ref;
  const gone = () =>
    until(async () => {
      const own = await ownChannels(calm, waits);
      if (own.length > 0) throw new Contradiction(`the listing still shows ${own.map(({ name }) => name).join(', ')}`);
    }, { ...waits, limitMs: limits.stepMs }); // biome-ignore format: one short object
  const unlisted = await findings.check('clean-up', gone);
  if (!shown.channel) return unlisted ? undefined : ref;
  if (unlisted) findings.confirm('sweep');
  else findings.contradict('sweep', 'the listing shows the channel after its clean-up');
  await askAgain(calm, 'cleanUp', undefined, release);
  const { url, recordings = [] } = shown;
  await findings.check('closed-after-clean-up', async () => {
    if (url === undefined) throw new NotTestable('no encoder had an address');
    await staysShut(calm, url, 2);
  });
  await findings.check('recording-kept', async () => {
    if (recordings.length === 0) throw new NotTestable('there is no recording');
    for (const recording of recordings) {
      const { status, refused } = await retried(() => driver.fetchVod(recording, undefined, recording), waits);
      if (status !== 200) throw new Contradiction(`its playlist answers ${refused ?? status}`);
    }
  });
  return unlisted ? undefined : ref;
}

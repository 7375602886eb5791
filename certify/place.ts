import { type Channel, type ChannelRef, keyOf } from '../domain/channel.ts';
import type { CheckRun } from './check-run.ts';
import { Contradiction } from './findings.ts';
import { refusalOf } from './waits.ts';

/** The same channel, said to have been made elsewhere, is refused before the vendor is asked. */
export async function isElsewhere(run: CheckRun, channel: Channel): Promise<string> {
  const { driver, manifest, account, calls } = run;
  const place = manifest.placeOf(account.settings);
  if (channel.ref.place !== place)
    throw new Contradiction(`the channel was made in ${channel.ref.place}, not ${place}`);
  const moved: Channel = { ...channel, ref: { ...channel.ref, place: `${place}, elsewhere` } };
  const before = calls.length;
  for (const step of [() => driver.observe(moved), () => driver.cleanUp(moved.ref)]) {
    const { facts } = await refusalOf(step).catch(() => {
      throw new Contradiction('a channel of another place was answered for');
    });
    if (facts.code !== 'AnotherPlace') throw new Contradiction(`a channel of another place: ${facts.message}`);
  }
  if (calls.length > before) throw new Contradiction('the vendor was asked of a channel of another place');
  return place;
}

/** What the account lists is the channel that was made, where it was made. */
export function isHere({ ref }: CheckRun, listed: readonly ChannelRef[]): void {
  const other = listed.find((one) => keyOf(one) !== keyOf(ref) || one.place !== ref.place);
  if (other) throw new Contradiction(`the listing shows ${keyOf(other)} in ${other.place}, not ${keyOf(ref)}`);
}

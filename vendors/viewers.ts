import type { Channel } from '../domain/channel.ts';
import type { Accounts } from './accounts.ts';
import type { ByteRange, VodFile } from './driver.ts';
import type { Drivers } from './drivers.ts';
import type { HttpClient } from './http.ts';

export type { ByteRange, VodFile } from './driver.ts';

/** What a process does for viewers at the vendors, with its own accounts. */
export interface ForViewers {
  /**
   * The address with the token or the signature that it needs: a secret, for this viewer alone. Throws `unauthorized` where this
   * process cannot make it.
   */
  signed(channel: Channel, url: string): Promise<string>;
  /** A live playlist or a part of its media; `playback` is the address that led there. */
  live(url: string, playback: string, range?: ByteRange): Promise<VodFile>;
  /** A file of a recording, as a player gets it: `asset` is the recording that it belongs to. */
  file(channel: Channel | undefined, url: string, asset: string): Promise<VodFile>;
}

const timeoutMs = 10_000;
const mostBytes = 16 * 1024 * 1024;

/** Without the account of a recording only public addresses are asked. */
export const forViewers = (drivers: Drivers, accounts: Accounts, http: HttpClient): ForViewers => ({
  signed: async (channel, url) => (await drivers(channel.ref.vendor, channel.ref.account)).viewerUrl(channel, url),
  live: (url, playback, range) =>
    http.get(url, { timeoutMs, maxBytes: mostBytes, trusted: [playback], ...(range && { range }) }),
  file: async (channel, url, asset) => {
    const { vendor = '', account = '' } = channel?.ref ?? {};
    if (!accounts.get(vendor, account)) return http.get(url, { timeoutMs, maxBytes: mostBytes });
    return (await drivers(vendor, account)).fetchVod(url, undefined, asset);
  },
});

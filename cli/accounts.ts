import { orThrow } from '../domain/configuration/checked.ts';
import type { Accounts } from '../vendors/accounts.ts';
import { readVendorConfig } from '../vendors/config.ts';
import { type Drivers, driversOf } from '../vendors/drivers.ts';
import { createHttp, type HttpClient } from '../vendors/http.ts';
import { openViewer } from '../worker/viewer.ts';
import { sourcesWith } from './sources.ts';
import type { Viewing } from './viewer-strip.ts';

/** The accounts of this process, and what speaks to their vendors; or everything wrong with the configuration. */
export function accountsHere(): { accounts: Accounts; drivers: Drivers; http: HttpClient } {
  const { accounts, network } = orThrow(readVendorConfig(sourcesWith({}), () => ({})));
  const http = createHttp(network);
  return { accounts, drivers: driversOf(accounts, { hooks: {}, http }), http };
}

/** What looks at live streams from here. Without an event's account an address is asked for without a token. */
export function viewingHere(): Viewing {
  const { accounts, drivers, http } = accountsHere();
  return ({ vendor, account, channel }, url) =>
    openViewer(http, url, async (one) => {
      if (!channel || !accounts.get(vendor, account)) return one;
      return (await drivers(vendor, account)).viewerUrl(channel, one);
    });
}

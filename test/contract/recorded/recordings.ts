import { leastLiveEvent } from './azure-live-event.ts';
import { outputAtOnce } from './azure-live-output.ts';
import { encodedShow, encodedShowBefore, standbyEvent } from './azure-live-show.ts';
import { staticHostname } from './azure-live-static.ts';
import { updatedEvent } from './azure-live-update.ts';
import { defaultEndpoint, leastLocator, limitedLocator, startedEndpoint, storedAsset } from './azure-stored.ts';
import type { Recording } from './recording.ts';

/** All of them, by what was done. */
export const recordings: Record<string, Recording> = {
  'a live event made with as little as possible': leastLiveEvent,
  'an output, made at once': outputAtOnce,
  'a show that is encoded': encodedShow,
  'the same, half a year before': encodedShowBefore,
  'a live event on standby': standbyEvent,
  'a static host name and everything given': staticHostname,
  'an update': updatedEvent,
  'an asset': storedAsset,
  'a locator with limits': limitedLocator,
  'a locator made with as little as possible': leastLocator,
  'the default streaming endpoint': defaultEndpoint,
  'a streaming endpoint that is started': startedEndpoint,
};

import type { ByteRange, VodFile } from '../../vendors/driver.ts';
import { type WhyNot, whyRefused } from './urls.ts';

/** A file of the recording, or why there is none to look at, in words that follow its address. */
export type ReadResult = { ok: true; file: VodFile } | { ok: false; why: string };

export interface Reader {
  read(url: string, range?: ByteRange): Promise<ReadResult>;
}

/** A file of a recording, by its address and that of the recording. */
export type FetchFile = (url: string, range: ByteRange | undefined, asset: string) => Promise<VodFile>;

export interface ReaderOptions {
  /** The URL of the asset. Files that it names on other hosts must be reachable from the internet. */
  asset: string;
  fetch: FetchFile;
  whyNot?: WhyNot;
  pause: (ms: number) => Promise<void>;
}

/** A store that is busy is asked again: three times in all, as players do. */
const busyAttempts = 3;
const busyPauseMs = 1_000;

/**
 * Fetches like a player. A status is an answer and part of the proof; when `fetch` rejects, nothing was learnt, so that
 * is passed on for the caller to try again later.
 */
export function createReader({ asset, fetch, whyNot, pause }: ReaderOptions): Reader {
  return {
    read: async (url, range) => {
      const refused = whyRefused(url, asset, whyNot);
      if (refused) return { ok: false, why: refused };
      for (let attempt = 1; ; attempt += 1) {
        const file = await fetch(url, range, asset);
        if (file.refused !== undefined) return { ok: false, why: file.refused };
        if (file.status === 200 || file.status === 206) return whole(file, range);
        if (!isBusy(file.status) || attempt === busyAttempts) return { ok: false, why: `answered ${file.status}` };
        await pause(busyPauseMs * attempt);
      }
    },
  };
}

function whole(file: VodFile, range: ByteRange | undefined): ReadResult {
  const { status, cutOff, body } = file;
  if (!range) return cutOff ? { ok: false, why: `has more than ${body.length} bytes` } : { ok: true, file };
  const isElsewhere = status === 200 && cutOff && body.length <= range.start;
  return isElsewhere ? { ok: false, why: 'is given whole when a range is asked' } : { ok: true, file };
}

const isBusy = (status: number): boolean => [408, 425, 429].includes(status) || (status >= 500 && status !== 501);

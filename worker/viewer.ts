import { Viewer, type ViewerGet } from '../activities/on-air/viewer.ts';
import type { HttpClient } from '../vendors/http.ts';

/** A player gives up soon, and asks again. */
const timeoutMs = 5_000;

/** Asks as a player does: redirects are followed, and addresses that a playlist names are asked only where they are public. */
export const viewerGet =
  (http: HttpClient): ViewerGet =>
  async (url, { etag, trusted, maxBytes }) => {
    const { body, ...answer } = await http.get(url, { timeoutMs, maxBytes, trusted: [trusted], ifNoneMatch: etag });
    return { ...answer, body };
  };

/** A viewer of one live stream; `sign` adds what an address needs. */
export const openViewer = (http: HttpClient, url: string, sign: (url: string) => Promise<string>): Viewer =>
  new Viewer({ url, get: viewerGet(http), sign, elapsed: () => performance.now() });

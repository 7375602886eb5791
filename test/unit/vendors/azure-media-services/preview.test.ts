import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Channel } from '../../../../domain/channel.ts';
import { observe } from '../../../../vendors/azure-media-services/presence.ts';
import type { Sdk } from '../../../../vendors/azure-media-services/sdk.ts';
import type { VodFile } from '../../../../vendors/driver.ts';

const second = 1000;
const manifest = 'https://preview.example.net/show.ism/manifest(format=m3u8-cmaf)';
const moved = 'https://edge.example.net/other/show.m3u8';
const channel: Channel = {
  ref: { vendor: 'azure-media-services', account: 'default', name: 'sc-show', workflowId: 'live-event/show' },
  details: {},
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** An event whose status says nothing of its encoder, and what its preview answers. */
const withPreview = (preview: (url: string) => Partial<VodFile> & { text?: string }) =>
  ({
    getEvent: async () => ({
      name: 'sc-show',
      resourceState: 'Running',
      tags: { 'showcaller-workflow': 'live-event/show' },
      preview: { endpoints: [{ url: manifest }] },
    }),
    getStatus: async () => ({ body: { value: [{ state: 'Running', healthDescriptions: [] }] } }),
    fetchMedia: async (url: string) => {
      const { text = '', ...file } = preview(url);
      return { status: 200, contentType: 'application/x-mpegURL', body: Buffer.from(text), ...file };
    },
  }) as unknown as Sdk;

async function encoderOf(sdk: Sdk): Promise<string | undefined> {
  const seen = observe(sdk, channel, 4 * second);
  await vi.advanceTimersByTimeAsync(60 * second);
  return (await seen).encoder;
}

/** The playlist of an encoder that sends, or sent until some instant, in segments of this length. */
const playlist = (segmentMs: number, { sentUntil = Number.POSITIVE_INFINITY, query = '', lag = 0 } = {}) => {
  const newest = Math.floor((Math.min(Date.now(), sentUntil) - lag) / segmentMs);
  const files = [newest - 2, newest - 1, newest].map((n) => `#EXTINF:${segmentMs / second},\n${n}.m4s${query}`);
  const head = `#EXTM3U\n#EXT-X-TARGETDURATION:${segmentMs / second}\n#EXT-X-MEDIA-SEQUENCE:${newest - 2}`;
  return `${head}\n${files.join('\n')}\n`;
};

// A fragment is as long as the key frame interval, at most 20 s.
it.each([2, 6, 20])('is seen to send in segments of %d s, whenever it is looked', async (length) => {
  const segmentMs = length * second;
  for (let lag = 0; lag < segmentMs; lag += segmentMs / 4) {
    const sdk = withPreview(() => ({ text: playlist(segmentMs, { lag }) }));
    expect(await encoderOf(sdk)).toBe('connected');
  }
});

it('is gone once no segment came for longer than one takes, also where each read signs the addresses anew', async () => {
  const sentUntil = Date.now();
  let reads = 0;
  const sdk = withPreview(() => {
    reads += 1;
    return { text: playlist(6 * second, { sentUntil, query: `?sig=${reads}` }) };
  });
  expect(await encoderOf(sdk)).toBe('absent');
});

it('is looked for where the preview redirects to', async () => {
  const sdk = withPreview((url) => {
    if (url === manifest) return { url: moved, text: '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nvariant.m3u8\n' };
    return url === new URL('variant.m3u8', moved).href ? { text: playlist(2 * second) } : { status: 404 };
  });
  expect(await encoderOf(sdk)).toBe('connected');
});

import { z } from 'zod';
import type { VendorManifest } from '../../../../../vendors/manifest.ts';

/** A vendor that exists nowhere: one token, channels with a key, recordings by name. */
export const tinyLive: VendorManifest = {
  name: 'tiny-live',
  title: 'Tiny Live',
  docs: ['https://tiny.invalid/docs'],
  envPrefix: 'TINY_LIVE',
  account: z.object({
    endpoint: z.string().meta({ description: 'URL of the API.' }),
    ingestBaseUrl: z.string().meta({ description: 'Where encoders push to, before the key.' }),
    token: z.string().meta({ description: 'Bearer token.', secret: true }),
    timeoutMs: z.string().default('10000').meta({ description: 'Limit of one call, milliseconds.' }),
  }),
  placeOf: ({ endpoint = '' }) => endpoint,
  capabilities: {
    standby: false,
    relay: false,
    vodNeedsChannel: false,
  },
  bills: [],
  makes: [{ what: 'a channel', billed: 'by the minute while it is open' }],
  defaults: { warmUpMs: 60_000, startLeadMs: 30_000 },
  options: z.strictObject({}),
  load: () => import('./driver.ts'),
};

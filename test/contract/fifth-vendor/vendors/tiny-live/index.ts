import { z } from 'zod';
import type { VendorManifest } from '../../../../../vendors/manifest.ts';

/** A vendor that exists nowhere: one token, channels with a key, recordings by name. */
export const tinyLive: VendorManifest = {
  name: 'tiny-live',
  title: 'Tiny Live',
  docs: ['https://tiny.invalid/docs'],
  envPrefix: 'TINY_LIVE',
  accountFields: [
    { key: 'endpoint', secret: false, required: true, about: 'URL of the API.' },
    { key: 'ingestBaseUrl', secret: false, required: true, about: 'Where encoders push to, before the key.' },
    { key: 'token', secret: true, required: true, about: 'Bearer token.' },
    { key: 'timeoutMs', secret: false, required: false, fallback: '10000', about: 'Limit of one call, milliseconds.' },
  ],
  capabilities: {
    standby: false,
    relay: false,
    vodNeedsChannel: false,
  },
  defaults: { warmUpMs: 60_000, startLeadMs: 30_000 },
  options: z.strictObject({}),
  load: () => import('./driver.ts'),
};

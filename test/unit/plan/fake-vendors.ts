import { z } from 'zod';
import type { VendorManifest } from '../../../vendors/manifest.ts';

const minute = 60_000;

/** Can do everything, and requires to know how fast. */
export const able: VendorManifest = {
  name: 'able',
  title: 'Able',
  docs: [],
  envPrefix: 'ABLE',
  account: z.object({}),
  placeOf: () => 'nowhere',
  bills: [],
  makes: [],
  capabilities: {
    standby: true,
    relay: true,
    vodNeedsChannel: true,
  },
  defaults: { warmUpMs: 15 * minute, startLeadMs: 10 * minute },
  options: z.strictObject({
    latencyMode: z.enum(['LOW', 'NORMAL']).default('LOW').describe('How far viewers are behind.'),
    streamKey: z.string().max(4).optional().describe('For the test of secrets.'),
    viewers: z.int().min(1).max(10).optional().describe('How many at most.'),
  }),
  load: () => Promise.reject(new Error('never loaded')),
};

/** Can do nothing beyond the port, and knows no options. */
const plain: VendorManifest = {
  ...able,
  name: 'plain',
  title: 'Plain',
  envPrefix: 'PLAIN',
  capabilities: {
    standby: false,
    relay: false,
    vodNeedsChannel: false,
  },
  defaults: { warmUpMs: minute, startLeadMs: minute },
  options: z.strictObject({}),
};

export const fakeVendors = [able, plain];

import { describe, expect, it } from 'vitest';
import { certify } from '../../../certify/certify.ts';
import { recordedShow } from '../../../certify/record.ts';
import type { WireExchange } from '../../../certify/wire.ts';
import { startAzureMediaServices } from '../../../simulators/azure-media-services/index.ts';
import { createKit } from '../../../simulators/kit/kit.ts';
import { vendors } from '../../../vendors/registry.ts';
import { type ReplayTarget, replay } from '../recorded/replay.ts';
import { withCertifiable } from './certify-harness.ts';

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('keeps what was exchanged, without a secret and without a name of the account', () =>
    withCertifiable(manifest, async ({ input }) => {
      const exchanges: WireExchange[] = [];
      const { secrets } = await certify({ ...input, exchanged: (exchange) => exchanges.push(exchange) });
      // Wherever a vendor might repeat one.
      const [secret = ''] = secrets;
      const [first] = exchanges;
      if (!first) throw new Error('nothing was exchanged');
      const body = Buffer.from(JSON.stringify({ said: `no access for ${secret}`, sessionKey: 'planted-in-an-answer' }));
      const url = `${first.url}${first.url.includes('?') ? '&' : '?'}Signature=planted-in-a-query&of=${encodeURIComponent(secret)}`;
      exchanges.push({ ...first, url, body, requestBody: body, headers: { location: `https://a.example/${secret}` } });
      const show = recordedShow(exchanges, { ...input, secrets });
      const kept = JSON.stringify(show.exchanges).replaceAll('showcaller-workflow', '');
      show.exchanges.pop();
      expect(show.exchanges.length).toBeGreaterThan(20);
      const planted = ['planted-in-an-answer', 'planted-in-a-query'];
      expect([...secrets, ...planted].filter((one) => kept.includes(one))).toEqual([]);
      for (const key of ['subscriptionId', 'accountName', 'bucket', 'recordingBucket', 'pushDomain']) {
        const name = input.account.settings[key];
        if (name !== undefined) expect({ [key]: kept.includes(name) }).toEqual({ [key]: false });
      }
      if (manifest.name !== 'azure-media-services') return;
      const simulator = await startAzureMediaServices(createKit(), { slowness: 0.02 }, { location: show.location });
      // No encoder sends to what is replayed.
      const withEncoder = show.exchanges.findIndex(({ request }) => /getStatus|getStreamEvents|\/reset/.test(request));
      const own = show.exchanges.slice(0, withEncoder);
      expect(own.length).toBeGreaterThan(15);
      const differences = await replay({ ...show, exchanges: own }, simulator.client as unknown as ReplayTarget);
      await simulator.close();
      // A transition may be over between two looks of the driver, and is seen by the replay, which looks without a pause.
      const inTransition = /\.(resourceState|provisioningState): /;
      expect(differences.filter((one) => !inTransition.test(one))).toEqual([]);
    }));
});

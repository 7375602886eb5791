import { describe, expect, it } from 'vitest';
import { certify } from '../../../certify/certify.ts';
import { recordedShow } from '../../../certify/record.ts';
import type { WireExchange } from '../../../certify/wire.ts';
import { isSecretName } from '../../../domain/secret-names.ts';
import { startAzureMediaServices } from '../../../simulators/azure-media-services/index.ts';
import { createKit } from '../../../simulators/kit/kit.ts';
import { vendors } from '../../../vendors/registry.ts';
import { type ReplayTarget, replay } from '../recorded/replay.ts';
import { withCertifiable } from './certify-harness.ts';

/** Pieces of what was exchanged under the name of a secret, and of what signed it. */
function secretsSeen(exchanges: readonly WireExchange[], settings: Record<string, string>): Set<string> {
  const found = new Set<string>();
  const add = (text: unknown) => {
    for (const piece of String(text).split(/[\s,;=&?/"'<>:{}[\]]+/)) if (piece.length >= 12) found.add(piece);
  };
  for (const [name, value] of Object.entries(settings))
    if (/secret|token|password|apikey|urlkey/i.test(name)) add(value);
  for (const { url, requestHeaders, requestBody, body } of exchanges) {
    for (const [name, value] of Object.entries(requestHeaders)) if (/auth|token|signature/i.test(name)) add(value);
    for (const [name, value] of new URL(url).searchParams) if (isSecretName(name)) add(value);
    for (const [, value] of `${body} ${requestBody}`.matchAll(/"(?:value|\w*[tT]oken|\w*[sS]ecret\w*)":"([^"]+)"/g))
      add(value);
    for (const [, path] of String(body).matchAll(/rtmps?:\/\/[^/"<\s]+\/[^/"<\s]+\/([^"<\s]+)/g)) add(path);
  }
  return found;
}

/** The vendor's, the region's and the driver's own words, which are in scopes and push addresses too. */
const isOpen = (piece: string): boolean =>
  /^(sc|showcaller)-|^(aws4_request|aliyun_v4_request|x-[\w-]+|content-[\w-]+|[A-Z0-9]+-HMAC-SHA256|cn-[\w-]+|[A-Za-z]+)$/.test(
    piece,
  );

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

  it.concurrent('a record of a show has nothing that signed a request or let an encoder in', () =>
    withCertifiable(manifest, async ({ input, sim }) => {
      const exchanges: WireExchange[] = [];
      const { secrets } = await certify({ ...input, exchanged: (exchange) => exchanges.push(exchange) });
      const kept = JSON.stringify(recordedShow(exchanges, { ...input, secrets }));
      const seen = [...secretsSeen(exchanges, { ...sim.env, ...sim.client })].filter((piece) => !isOpen(piece));
      expect(seen.length).toBeGreaterThan(2);
      const spelled = (piece: string) => [piece, encodeURIComponent(piece), Buffer.from(piece).toString('base64')];
      expect(seen.filter((piece) => spelled(piece).some((text) => kept.includes(text)))).toEqual([]);
    }));
});

import { describe, expect, it } from 'vitest';
import { certify } from '../../../certify/certify.ts';
import { type RecordedExchange, type RecordedShow, recordedShow } from '../../../certify/record.ts';
import type { WireExchange } from '../../../certify/wire.ts';
import type { VendorManifest } from '../../../vendors/manifest.ts';
import { vendors } from '../../../vendors/registry.ts';
import { differencesOfShows } from '../recorded/shows.ts';
import { withCertifiable } from './certify-harness.ts';

/** A show with an encoder, from the allocation to the sweep, as `--record` keeps it. */
const recordOf = (manifest: VendorManifest, eventId: string): Promise<RecordedShow> =>
  withCertifiable(manifest, async ({ input }) => {
    const exchanges: WireExchange[] = [];
    const exchanged = (exchange: WireExchange) => exchanges.push(exchange);
    const { certification, secrets } = await certify({ ...input, eventId, exchanged });
    expect(certification.why).toBeUndefined();
    return JSON.parse(JSON.stringify(recordedShow(exchanges, { ...input, secrets }))) as RecordedShow;
  });

/** A word of the vendor's that every show comes to. */
const states: Record<string, string> = {
  'alibaba-oss': 'disabled',
  'aws-ivs': 'LIVE',
  'azure-media-services': 'Running',
  'volcengine-live': 'forbidden',
};

/** A transition may be over between two looks of the driver, and what it takes away is asked for before or after. */
const isTransition = (difference: string): boolean =>
  /: "(?:\w*ing|InProgress)", here /.test(difference.replace('"Running"', '')) ||
  difference.endsWith(' 404: the simulator never answered so');

const withFirst = (
  show: RecordedShow,
  fits: (exchange: RecordedExchange) => boolean,
  change: (exchange: RecordedExchange) => RecordedExchange,
): RecordedShow => {
  const at = show.exchanges.findIndex(fits);
  const exchange = show.exchanges[at];
  if (!exchange) throw new Error('no exchange fits');
  return { ...show, exchanges: show.exchanges.with(at, change(exchange)) };
};
const isJson = ({ answer }: RecordedExchange) => typeof answer === 'object' || String(answer).startsWith('<');

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('a recorded show is held against a simulator as a whole, and what differs is named', async () => {
    const [recorded, simulated] = await Promise.all([
      recordOf(manifest, 'certify-one'),
      recordOf(manifest, 'certify-two2'),
    ]);
    const differences = (show: RecordedShow) =>
      differencesOfShows(show, simulated).filter((difference) => !isTransition(difference));
    expect(differences(recorded)).toEqual([]);

    const withStatus = withFirst(
      recorded,
      () => true,
      (one) => ({ ...one, status: 418 }),
    );
    expect(differences(withStatus).join('\n')).toContain(' 418: the simulator never answered so');
    const withHeader = withFirst(recorded, isJson, (one) => ({ ...one, headers: { ...one.headers, planted: '1' } }));
    expect(differences(withHeader).join('\n')).toContain('header planted: missing');
    const withMember = withFirst(recorded, isJson, (one) => ({
      ...one,
      answer:
        typeof one.answer === 'object'
          ? { ...one.answer, planted: 'x1' }
          : String(one.answer).replace(/<\/(\w+)>\s*$/, '<planted>x1</planted></$1>'),
    }));
    expect(differences(withMember).join('\n')).toMatch(/\.planted: missing/);
    const word = states[manifest.name] ?? '';
    const kept = JSON.stringify(recorded);
    expect(kept).toContain(word);
    expect(differences(JSON.parse(kept.replaceAll(word, 'Otherwise'))).join('\n')).toContain('"Otherwise", here ');
  });
});

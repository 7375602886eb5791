import { describe, expect, it } from 'vitest';
import { VendorError } from '../../domain/errors.ts';
import type { Exchange, SimResponse } from '../../simulators/kit/types.ts';
import { vendors } from '../../vendors/registry.ts';
import { type ContractHarness, withHarness } from './contract-harness.ts';
import { reach } from './reach.ts';
import { eventFor, listed, opened } from './show.ts';

type Answered = Pick<Exchange, 'request' | 'response'>;

const withJson = (response: SimResponse, change: (body: Record<string, unknown>) => unknown): SimResponse => ({
  ...response,
  body: JSON.stringify(change(JSON.parse(String(response.body)))),
});
const withXml = (response: SimResponse, next: string): SimResponse => ({
  ...response,
  body: String(response.body).replace('<IsTruncated>false</IsTruncated>', `<IsTruncated>true</IsTruncated>${next}`),
});

const token = ({ response }: Answered) => withJson(response, (body) => ({ ...body, nextToken: 'again' }));
const link = ({ request, response }: Answered) =>
  withJson(response, (body) => ({ ...body, '@odata.nextLink': `http://${request.headers.host}${request.url}` }));
const result = ({ response }: Answered, change: (result: Record<string, unknown>) => object) =>
  withJson(response, (body) => ({ ...body, Result: { ...(body.Result as object), ...change(body.Result as never) } }));

/** A full page, whatever number was asked for: this vendor has no tokens. */
const fullPage = (answered: Answered) =>
  result(answered, ({ StreamInfoList: found }) => {
    const times = { StartTime: '2026-01-01T00:00:00Z', EndTime: '2026-01-01T01:00:00Z' };
    const [item = { App: 'live', Stream: 'another', ...times }] = (found ?? []) as object[];
    return { StreamInfoList: Array.from({ length: 1_000 }, () => item) };
  });
const manyPages = (answered: Answered) =>
  result(answered, () => ({ Pagination: { PageTotal: Number.MAX_SAFE_INTEGER } }));

/** The lists with pages that the driver reads, and what each answers when it leads back to itself. */
const lists: Record<string, Record<string, (answered: Answered) => SimResponse>> = {
  'alibaba-oss': {
    ListLiveChannel: ({ response }) => withXml(response, '<NextMarker>again</NextMarker>'),
  },
  'aws-ivs': {
    ListChannels: token,
    ListRecordingConfigurations: token,
    ListStreams: token,
    ListStreamSessions: token,
    ListObjectsV2: ({ response }) => withXml(response, '<NextContinuationToken>again</NextContinuationToken>'),
  },
  'azure-media-services': { LiveEvents_List: link, LiveOutputs_List: link },
  'volcengine-live': {
    DescribeLiveStreamInfoByPage: fullPage,
    DescribeForbiddenStreamInfoByPage: fullPage,
    DescribeClosedStreamInfoByPage: fullPage,
    ListRelaySourceV4: manyPages,
    DescribeRecordTaskFileHistory: manyPages,
  },
};

async function stepsOf(harness: ContractHarness): Promise<(() => Promise<unknown>)[]> {
  const { driver } = harness;
  const event = eventFor(harness, 'endless');
  const { channel, output } = await opened(driver, event);
  const windows = [{ from: Date.now() - 5_000, to: Date.now() }];
  return [
    () => listed({ ...harness, driver: { ...driver, owned: failsOnce(driver.owned) } }),
    () => driver.allocate(eventFor(harness, 'another')),
    () => driver.listLive?.() ?? driver.observe(channel),
    () => driver.stop(channel, output),
    () => driver.publishVod(channel, output, windows),
    () => driver.cleanUp(channel.ref),
  ];
}

/** What it fails with is final here: the certification asks again for as long as a vendor may be in trouble. */
const failsOnce =
  <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
  (...args: A): Promise<T> =>
    call(...args).catch((error: VendorError) => {
      throw new Error('final', { cause: error });
    });

/** Each list in the first step that sees its end; or in every step: of a list with numbers each asks for a thousand pages. */
export function listsEnd(until: 'first that sees it' | 'last step'): void {
  describe.concurrent.each(vendors)('$name', (manifest) => {
    const answers = lists[manifest.name] ?? {};
    it.concurrent.for(Object.keys(answers))(
      'ends a %s that leads back to itself with an error, not with a part',
      (operation) =>
        withHarness(manifest, {}, async (harness) => {
          const { driver, kit } = harness;
          const steps = await stepsOf(harness);
          // What leads back is not as the vendor's model says.
          delete kit.watch;
          let asked = 0;
          let first: SimResponse | undefined;
          kit.replace = async ({ operation: called, request }, serve) => {
            if (called !== operation) return serve();
            asked += 1;
            // The simulator would refuse a token that it has not given.
            first ??= await serve();
            return answers[operation]?.({ request, response: first }) ?? first;
          };
          const failed: unknown[] = [];
          for (const step of steps) {
            const before = asked;
            first = undefined;
            const error = await step().then(() => undefined, causeOf);
            if (asked > before) failed.push(error);
            expect(asked - before).toBeLessThanOrEqual(1_000);
            if (until === 'first that sees it' && isEndless(error)) break;
          }
          delete kit.replace;
          expect(failed).not.toEqual([]);
          expect(failed.filter(isEndless)).not.toEqual([]);
          await reach(() => driver.cleanUp(driver.refOf(eventFor(harness, 'endless'))), 'after-show');
        }),
    );
  });
}

const causeOf = (error: unknown): unknown => (error instanceof VendorError ? error : (error as Error).cause);

const isEndless = (error: unknown): boolean => error instanceof VendorError && error.facts.code === 'EndlessList';

import { VendorError } from '../../domain/errors.ts';
import { vendor } from './names.ts';
import { type ChannelDetails, type Settings, sourceProblems } from './options.ts';
import { allPages } from './presence.ts';
import type { Sdk } from './sdk.ts';
import type { RelayV3, RelayV4 } from './shapes.ts';

/** https://www.volcengine.com/docs/6469/1126875 */
export const maxSpanSeconds = 7 * 24 * 3600;

/** The relay of a stream: found by the stream's name, never by the task id, which the vendor gives only once. */
export interface Relays {
  /** Throws `invalid-request` when the vendor could not pull these sources. */
  check(stream: string, details: ChannelDetails): void;
  ensure(stream: string, details: ChannelDetails): Promise<void>;
  remove(stream: string): Promise<void>;
  exists(stream: string): Promise<boolean>;
  /** Names of all streams of our app that have a relay. */
  streams(): Promise<string[]>;
}

export function createRelays(sdk: Sdk, settings: Settings): Relays {
  const { pullDomain, app } = settings;
  const listV4 = async () => (await allPages('ListRelaySourceV4', sdk.relaysV4)).filter((relay) => relay.App === app);
  const findV4 = async (stream: string) => (await listV4()).find((relay) => relay.Stream === stream);
  const findV3 = async (stream: string) => (await sdk.relaysV3(stream)).find((relay) => relay.Group === stream);

  const ensureV4 = async (stream: string, details: ChannelDetails): Promise<void> => {
    const wanted = {
      Domain: pullDomain,
      App: app,
      Stream: stream,
      SrcAddrS: details.sources,
      ...spanOf(details, sdk.now()),
    };
    const found = await findV4(stream);
    if (found && sameV4(found, wanted)) return;
    await unlessDoneAnyway(
      () => (found ? sdk.updateRelayV4(wanted) : sdk.createRelayV4(wanted)),
      async () => {
        const now = await findV4(stream);
        return now !== undefined && sameV4(now, wanted);
      },
    );
  };

  const ensureV3 = async (stream: string, details: ChannelDetails): Promise<void> => {
    const wanted = { Group: stream, Servers: details.sources.map(serverOf) };
    const found = await findV3(stream);
    if (!found || !sameV3(found, wanted)) await sdk.putRelayV3(wanted);
  };

  return {
    check: (stream, details) => checkSources(stream, app, details),
    ensure: (stream, details) => (details.relay === 'v3' ? ensureV3(stream, details) : ensureV4(stream, details)),

    async remove(stream) {
      const v4 = await findV4(stream);
      if (v4)
        await unlessDoneAnyway(
          () => sdk.deleteRelayV4(v4),
          async () => !(await findV4(stream)),
        );
      if (await findV3(stream))
        await unlessDoneAnyway(
          () => sdk.deleteRelayV3(stream),
          async () => !(await findV3(stream)),
        );
    },

    exists: async (stream) => Boolean((await findV4(stream)) ?? (await findV3(stream))),

    async streams() {
      const v4 = (await listV4()).map((relay) => relay.Stream);
      const v3 = (await sdk.relaysV3()).map((relay) => relay.Group);
      return [...v4, ...v3];
    },
  };
}

/**
 * The vendor does not document what it answers to a second create or delete, and two attempts may run at once: after
 * a refusal, what is there decides.
 */
async function unlessDoneAnyway(change: () => Promise<unknown>, isDone: () => Promise<boolean>): Promise<void> {
  try {
    await change();
  } catch (error) {
    const refused = error instanceof VendorError && !['unavailable', 'throttled', 'unauthorized'].includes(error.kind);
    if (!refused || !(await isDone())) throw error;
  }
}

/** Bounded by the hard end, so that a forgotten relay stops by itself; without bounds where the vendor's limit is shorter. */
function spanOf(details: ChannelDetails, now: number): { StartTime?: number; EndTime?: number } {
  const StartTime = Math.floor(now / 1000);
  const EndTime = Math.ceil(details.hardEndsAt / 1000);
  return EndTime > StartTime && EndTime - StartTime <= maxSpanSeconds ? { StartTime, EndTime } : {};
}

/** The start is left out: it is whenever `start` first ran. */
const sameV4 = (found: RelayV4, wanted: RelayV4): boolean =>
  JSON.stringify(found.SrcAddrS) === JSON.stringify(wanted.SrcAddrS) && (found.EndTime || 0) === (wanted.EndTime ?? 0);

const sameV3 = (found: RelayV3, wanted: RelayV3): boolean =>
  JSON.stringify(found.Servers.map(comparable)) === JSON.stringify(wanted.Servers.map(comparable));

const comparable = (server: RelayV3['Servers'][number]) => [
  server.RelaySourceProtocol,
  server.RelaySourceDomain,
  Object.entries(server.RelaySourceParams ?? {}).sort(),
];

function serverOf(source: string): RelayV3['Servers'][number] {
  const url = new URL(source);
  const params = Object.fromEntries(url.searchParams);
  return {
    RelaySourceDomain: url.host,
    RelaySourceProtocol: url.protocol === 'rtmp:' ? 'rtmp' : 'flv',
    ...(Object.keys(params).length > 0 && { RelaySourceParams: params }),
  };
}

function checkSources(stream: string, app: string, { sources, relay }: ChannelDetails): void {
  const [problem] = sourceProblems(sources, relay, `/${app}/${stream}`);
  if (problem) throw badSource(stream, `source ${problem.index + 1} ${problem.message}`);
}

const badSource = (stream: string, message: string): VendorError =>
  new VendorError({
    kind: 'invalid-request',
    vendor,
    operation: 'CreateRelaySource',
    resource: stream,
    message,
    advice: 'correct the sources of the plan',
  });

import type { EventSpec, IngestEndpoint } from '../../domain/channel.ts';
import { ownershipTag, runTag } from './names.ts';
import { isEncoding, type Options } from './options.ts';
import type { LiveEvent } from './sdk.ts';

/** An empty list allows no address, at a successor every address: the wire always says which. */
export function wireEvent(spec: EventSpec, options: Options, location: string): LiveEvent {
  const allow = options.allowedIps.map(({ name, address, prefixLength }) => ({
    ...(name && { name }),
    address,
    subnetPrefixLength: prefixLength,
  }));
  const accessControl = { ip: { allow } };
  const encodes = isEncoding(options);
  const interval = options.keyFrameInterval;
  return {
    location,
    tags: { [ownershipTag]: spec.workflowId, ...(spec.run !== undefined && { [runTag]: spec.run }) },
    description: spec.title,
    input: {
      streamingProtocol: options.inputProtocol,
      accessControl,
      ...(interval && !encodes && { keyFrameIntervalDuration: interval }),
    },
    preview: { accessControl },
    encoding: {
      encodingType: options.encodingType,
      ...(options.presetName && { presetName: options.presetName }),
      ...(interval && encodes && { keyFrameInterval: interval }),
    },
    useStaticHostname: options.useStaticHostname,
    ...(options.hostnamePrefix && { hostnamePrefix: options.hostnamePrefix }),
    ...(options.streamOptions.length > 0 && { streamOptions: options.streamOptions }),
  };
}

/**
 * Azure has the token in the server part, and any stream name goes. Where the address lacks it, as at Ravnur, the token is
 * the stream name: https://github.com/Ravnur-Inc/ams-api-replacement-demo-app
 */
export function ingestEndpoint(url: string, name: string, { input, tags }: LiveEvent): IngestEndpoint[] {
  const accessToken = input?.accessToken;
  const streamKey = accessToken && !url.includes(accessToken) ? accessToken : name;
  const protocol = (['rtmp', 'rtmps', 'srt'] as const).find((scheme) => url.startsWith(`${scheme}://`));
  if (!protocol) return [];
  if (protocol === 'srt') return [srtEndpoint(url, accessToken, tags ?? {})];
  return [{ protocol, url: `${url}/${streamKey}`, server: url, streamKey }];
}

/**
 * Ravnur gives what the connection needs as tags of the live event, because Azure's SDK has no fields for it; the stream id is
 * the access token where there is no tag. What is not given is left out: the encoder's own settings apply.
 * https://github.com/Ravnur-Inc/ams-api-replacement-demo-app (LiveRunner.cs)
 */
function srtEndpoint(server: string, accessToken: string | undefined, tags: Record<string, string>): IngestEndpoint {
  const { search } = new URL(server);
  const given = new URLSearchParams(search);
  const wanted: readonly (readonly [parameter: string, value: string | undefined])[] = [
    ['streamid', tags['IngestOptions.SrtStreamId'] ?? accessToken],
    ['passphrase', tags['IngestOptions.SrtPassphrase']],
    ['pbkeylen', tags['IngestOptions.SrtPassphrase'] && '16'],
    ['latency', tags['IngestOptions.SrtLatency']],
    ['maxbw', tags['IngestOptions.SrtMaxBW']],
  ];
  const missing = wanted.flatMap(([parameter, value]) =>
    value && !given.has(parameter) ? [`${parameter}=${encodeURIComponent(value)}`] : [],
  );
  const streamKey = [...(search.length > 1 ? [search.slice(1)] : []), ...missing].join('&');
  const base = server.slice(0, server.length - search.length);
  return { protocol: 'srt', url: streamKey ? `${base}?${streamKey}` : base, server: base, streamKey };
}

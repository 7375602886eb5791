import type { EventSpec, IngestEndpoint } from '../../domain/channel.ts';
import { ownershipTag } from './names.ts';
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
    tags: { [ownershipTag]: spec.workflowId },
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
export function ingestEndpoint(url: string, name: string, accessToken: string | undefined): IngestEndpoint[] {
  const streamKey = accessToken && !url.includes(accessToken) ? accessToken : name;
  const protocol = (['rtmp', 'rtmps', 'srt'] as const).find((scheme) => url.startsWith(`${scheme}://`));
  if (!protocol) return [];
  if (protocol === 'srt') return [{ protocol, url, server: url, streamKey: '' }];
  return [{ protocol, url: `${url}/${streamKey}`, server: url, streamKey }];
}

import { z } from 'zod';

/* What decides something in the answers of OSS: XML, read into texts and objects; an empty element is ''. */

const instant = z.iso.datetime({ offset: true });
const seconds = z.string().regex(/^\d+$/).transform(Number);
/** One element is not a list, and none is left out. */
const listOf = <T extends z.ZodType>(item: T) =>
  z
    .union([item, z.array(item)])
    .optional()
    .transform((given) => (given === undefined ? [] : [given].flat()));

/** https://www.alibabacloud.com/help/en/oss/developer-reference/getlivechannelinfo */
export const liveChannel = z.object({
  Description: z.string(),
  Status: z.enum(['enabled', 'disabled']),
  Target: z.object({ FragDuration: seconds, FragCount: seconds, PlaylistName: z.string() }),
});

const track = z.record(z.string(), z.string()).optional();

/** https://www.alibabacloud.com/help/en/oss/developer-reference/getlivechannelstat */
export const liveChannelStat = z.object({
  Status: z.enum(['Disabled', 'Idle', 'Live']),
  ConnectedTime: instant.optional(),
  RemoteAddr: z.string().optional(),
  Video: track,
  Audio: track,
});

/** https://www.alibabacloud.com/help/en/oss/developer-reference/getlivechannelhistory */
export const liveChannelHistory = z.object({
  LiveRecord: listOf(z.object({ StartTime: instant, EndTime: instant.optional(), RemoteAddr: z.string().optional() })),
});

/** https://www.alibabacloud.com/help/en/oss/developer-reference/listlivechannel */
export const liveChannels = z.object({
  IsTruncated: z.enum(['true', 'false']),
  NextMarker: z.string().optional(),
  LiveChannel: listOf(z.object({ Name: z.string(), Description: z.string() })),
});

/** https://www.alibabacloud.com/help/en/oss/developer-reference/getvodplaylist */
export const playlist = z.string().startsWith('#EXTM3U');

import { z } from 'zod';

/* The vendor's own shapes, as far as we read them. Field names are the wire's. */

/** RFC 3339, with seconds or milliseconds. */
const instant = z.iso.datetime({ offset: true });
/** An empty list may be `null`; one that is missing is another answer. */
const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullable()
    .transform((given) => given ?? []);
const text = z
  .string()
  .nullish()
  .transform((given) => given ?? undefined);
const paging = z.object({ PageTotal: z.number().optional() }).nullish();

/** Around every answer. https://www.volcengine.com/docs/6369/80336 */
export const envelope = z.object({
  ResponseMetadata: z.object({
    RequestId: z.string().optional(),
    Error: z
      .object({ Code: z.string().optional(), CodeN: z.number().optional(), Message: z.string().optional() })
      .nullish(),
  }),
  Result: z.unknown().optional(),
});

/** https://www.volcengine.com/docs/6469/1126847 */
export const streamState = z.object({ stream_state: z.enum(['online', 'offline', 'forbidden']) });

export const liveStream = z.object({
  App: z.string(),
  Stream: z.string(),
  ID: z.union([z.number(), z.string()]).optional(),
  SessionStartTime: text,
  /** `push` or `relay`. */
  SourceType: text,
});
export type LiveStream = z.infer<typeof liveStream>;

export const closedStream = z.object({
  App: z.string(),
  Stream: z.string(),
  StartTime: instant,
  EndTime: instant,
  SourceType: text,
});

export const forbiddenStream = z.object({
  App: z.string(),
  Stream: z.string(),
  CreateTime: text,
  EndTime: text,
  /** False: configured, not in force. */
  Status: z.boolean().optional(),
});
export type ForbiddenStream = z.infer<typeof forbiddenStream>;

export const streamsOf = <T extends z.ZodType>(item: T) => z.object({ StreamInfoList: listOf(item) });

export const pushUrls = z.object({ PushURLList: listOf(z.string()) });
export type PushUrls = z.infer<typeof pushUrls>;

/** Only the addresses are read: one for each protocol that the pull domain serves. */
export const playUrls = z.object({ URLList: listOf(z.object({ URL: z.string().optional() })) });
export type PlayUrls = z.infer<typeof playUrls>;

const relayV4 = z.object({
  Domain: z.string(),
  App: z.string(),
  Stream: z.string(),
  SrcAddrS: z.array(z.string()),
  /** Unix seconds; both or neither. */
  StartTime: z.number().optional(),
  EndTime: z.number().optional(),
});
export type RelayV4 = z.infer<typeof relayV4>;
export const relaysV4 = z.object({ List: listOf(relayV4), Pagination: paging });

const relayV3 = z.object({
  Group: z.string(),
  Servers: z.array(
    z.object({
      RelaySourceDomain: z.string(),
      RelaySourceProtocol: z.enum(['rtmp', 'flv']),
      RelaySourceParams: z.record(z.string(), z.string()).optional(),
    }),
  ),
});
export type RelayV3 = z.infer<typeof relayV3>;
export const relaysV3 = z.object({
  RelaySourceConfigList: listOf(z.object({ App: z.string().optional(), GroupDetails: listOf(relayV3) })),
});

const formatParam = z.object({
  Enable: z.boolean().optional(),
  /** Seconds. */
  ContinueDuration: z.number().optional(),
  Duration: z.number().optional(),
  RealtimeRecordDuration: z.number().optional(),
  Splice: z.number().optional(),
  TOSParam: z
    .object({
      Enable: z.boolean().optional(),
      Bucket: z.string().optional(),
      StorageDir: z.string().optional(),
      ExactObject: z.string().optional(),
    })
    .optional(),
});

const recordPresetConfig = z.object({
  HlsParam: formatParam.optional(),
  FlvParam: formatParam.optional(),
  Mp4Param: formatParam.optional(),
  OriginRecord: z.number().optional(),
  TranscodeRecord: z.number().optional(),
  /** Seconds. */
  SliceDuration: z.number().optional(),
});
export type RecordPresetConfig = z.infer<typeof recordPresetConfig>;

const recordPreset = z.object({
  Vhost: z.string(),
  App: z.string().optional(),
  Stream: z.string().optional(),
  SlicePresetV2: z
    .object({ Name: z.string().optional(), RecordPresetConfig: recordPresetConfig.optional() })
    .optional(),
});
export type RecordPreset = z.infer<typeof recordPreset>;
export const recordPresets = z.object({ PresetList: listOf(recordPreset) });

const recordFile = z.object({
  Bucket: z.string(),
  Path: z.string(),
  FileName: z.string(),
  Format: z.string(),
  StartTimeUTC: instant,
  EndTimeUTC: instant,
});
export type RecordFile = z.infer<typeof recordFile>;
export const recordFiles = z.object({ Data: listOf(recordFile), Pagination: paging });

export const indexFile = z.object({
  RecordURL: z.string(),
  /** Seconds. */
  Duration: z.number().optional(),
  OutputBucket: z.string().optional(),
  OutputObject: z.string().optional(),
});
export type IndexFile = z.infer<typeof indexFile>;

/** https://www.volcengine.com/docs/6469/1126815 */
const domain = z.object({
  Domain: z.string(),
  Vhost: z.string(),
  /** 0 is normal. */
  Status: z.number(),
  /** 0: no CNAME is set. */
  CnameCheck: z.number().optional(),
  /** 2: unusable. */
  DomainCheck: z.number().optional(),
});
export type Domain = z.infer<typeof domain>;
export const domains = z.object({ DomainList: listOf(domain) });

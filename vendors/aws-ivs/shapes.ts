import { z } from 'zod';

/* What decides something in the answers of IVS and S3, after the SDK. https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/ */

const arn = z.string().startsWith('arn:');
const instant = z.date();
const nextToken = z.string().optional();
const tags = z.record(z.string(), z.string()).optional();

export const channel = z.object({ channel: z.object({ arn, name: z.string().optional(), tags }) });

export const channels = z.object({
  channels: z.array(z.object({ arn, name: z.string().optional(), tags })),
  nextToken,
});

export const streamKey = z.object({ streamKey: z.object({ arn, value: z.string().min(1) }) });

export const streamKeys = z.object({
  streamKeys: z.array(z.object({ arn, tags: z.record(z.string(), z.string()).optional() })),
});

/** `OFFLINE` is in the vendor's list of states; a new one is none that we know the meaning of. */
const state = z.enum(['LIVE', 'OFFLINE']);

export const stream = z.object({ stream: z.object({ channelArn: arn, state, startTime: instant.optional() }) });

export const streams = z.object({
  streams: z.array(z.object({ channelArn: arn, state, startTime: instant.optional() })),
  nextToken,
});

export const streamSession = z.object({ streamSession: z.object({ streamId: z.string() }) });

export const streamSessions = z.object({
  streamSessions: z.array(z.object({ streamId: z.string(), startTime: instant, endTime: instant.optional() })),
  nextToken,
});

const configuration = z.object({ arn, state: z.enum(['CREATING', 'CREATE_FAILED', 'ACTIVE']) });

export const recordingConfiguration = z.object({ recordingConfiguration: configuration });

export const recordingConfigurations = z.object({ recordingConfigurations: z.array(configuration), nextToken });

/** Name, always given back; a page of another kind has none. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export const listing = z.object({ Name: z.string() });

export const keyPairs = z.object({ keyPairs: z.array(z.object({ arn })) });

export const restrictionPolicy = z.object({ playbackRestrictionPolicy: z.object({ arn }) });

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export const callerIdentity = z.object({ Account: z.string().regex(/^\d{12}$/), Arn: arn });

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html */
export const evaluations = z.object({
  EvaluationResults: z.array(
    z.object({
      EvalActionName: z.string(),
      EvalDecision: z.string(),
      MissingContextValues: z.array(z.string()).optional(),
      ResourceSpecificResults: z.array(z.object({ EvalResourceDecision: z.string() })).optional(),
    }),
  ),
});
export type Evaluations = z.infer<typeof evaluations>;

import { VendorError } from '../../domain/errors.ts';
import { done, notYet, type Progress } from '../driver.ts';
import { unlessAbsent, unlessCode } from './errors.ts';
import { recordingName, recordingTag, vendor } from './names.ts';
import type { Options, Settings } from './options.ts';
import type { RecordingConfiguration, RecordingConfigurationSummary, Sdk } from './sdk.ts';

/** A recording configuration that is ACTIVE. */
export interface ReadyRecording {
  arn: string;
  bucket: string;
  reconnectWindowSeconds: number;
}

export interface RecordingFinder {
  /** The one the plan names, or the shared one of the account's bucket, made if need be. */
  find(options: Options): Promise<Progress<ReadyRecording>>;
  /** The one of this ARN, once IVS has checked the bucket. */
  ready(arn: string): Promise<Progress<ReadyRecording>>;
}

/** IVS needs a few seconds to check the bucket. */
const settleMs = 2_000;

export function recordingFinder(sdk: Sdk, { recordingBucket }: Settings): RecordingFinder {
  // Callers that ask at once share one look: the first shows of an account would otherwise each make a configuration.
  const asked = new Map<string, Promise<Progress<ReadyRecording>>>();
  const shared = (bucket: string, seconds: number) => {
    const name = recordingName(bucket, seconds);
    const running = asked.get(name) ?? findShared(sdk, name, bucket, seconds).finally(() => asked.delete(name));
    asked.set(name, running);
    return running;
  };
  return {
    async find({ recordingConfigurationArn, reconnectWindowSeconds = 0 }) {
      if (recordingConfigurationArn) return ready(sdk, recordingConfigurationArn);
      if (!recordingBucket) throw noBucket();
      return shared(recordingBucket, reconnectWindowSeconds);
    },
    ready: (arn) => ready(sdk, arn),
  };
}

/** As with channels: what was made counts only when a later look finds it, so that all who race choose the same one. */
async function findShared(sdk: Sdk, name: string, bucket: string, seconds: number): Promise<Progress<ReadyRecording>> {
  const [kept, ...doubles] = (await sharedNamed(sdk, name, bucket)).sort(byArn);
  if (!kept?.arn) {
    await sdk.createRecordingConfiguration({
      name,
      destinationConfiguration: { s3: { bucketName: bucket } },
      recordingReconnectWindowSeconds: seconds,
      tags: { [recordingTag]: 'shared' },
    });
    return notYet(`the new recording configuration ${name} to show in the list`, settleMs);
  }
  // One that a channel already uses is refused with a conflict, and stays.
  for (const { arn } of doubles) if (arn) await forget(sdk, arn);
  if (kept.state === 'CREATE_FAILED') await forget(sdk, kept.arn);
  return readyOf(kept, seconds);
}

async function sharedNamed(sdk: Sdk, name: string, bucket: string): Promise<RecordingConfigurationSummary[]> {
  const found: RecordingConfigurationSummary[] = [];
  let nextToken: string | undefined;
  do {
    const page = await sdk.listRecordingConfigurations(nextToken);
    found.push(...(page.recordingConfigurations ?? []));
    nextToken = page.nextToken;
  } while (nextToken);
  return found.filter(
    ({ name: given, tags, destinationConfiguration: to }) =>
      given === name && tags?.[recordingTag] !== undefined && to?.s3?.bucketName === bucket,
  );
}

const byArn = (a: RecordingConfigurationSummary, b: RecordingConfigurationSummary): number =>
  `${a.arn}` < `${b.arn}` ? -1 : 1;

const forget = (sdk: Sdk, arn: string): Promise<unknown> =>
  unlessCode(sdk.deleteRecordingConfiguration(arn), 'ResourceNotFoundException', 'ConflictException');

async function ready(sdk: Sdk, arn: string): Promise<Progress<ReadyRecording>> {
  const found = arn ? await unlessAbsent(sdk.getRecordingConfiguration(arn)) : undefined;
  if (!found) throw unusable(arn || 'none', 'the recording configuration does not exist');
  return readyOf(found, found.recordingReconnectWindowSeconds ?? 0);
}

function readyOf(
  { arn = '', state, destinationConfiguration }: RecordingConfiguration | RecordingConfigurationSummary,
  reconnectWindowSeconds: number,
): Progress<ReadyRecording> {
  const bucket = destinationConfiguration?.s3?.bucketName ?? '';
  if (state === 'CREATE_FAILED') throw unusable(arn, `IVS could not set up recording to the bucket ${bucket}`);
  if (state !== 'ACTIVE') return notYet(`the recording configuration ${arn} to become ACTIVE`, settleMs);
  return done({ arn, bucket, reconnectWindowSeconds });
}

const unusable = (arn: string, message: string): VendorError =>
  new VendorError({
    vendor,
    operation: 'GetRecordingConfiguration',
    kind: 'invalid-request',
    resource: arn,
    message,
    advice: 'Check that the bucket exists in the account’s region and that IVS may write to it.',
  });

const noBucket = (): VendorError =>
  new VendorError({
    vendor,
    operation: 'CreateRecordingConfiguration',
    kind: 'invalid-request',
    message: 'nothing says where to record to',
    advice: 'Set recordingBucket of the account, or recordingConfigurationArn in vendorOptions.',
  });

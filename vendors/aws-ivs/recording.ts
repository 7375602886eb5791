import { VendorError } from '../../domain/errors.ts';
import { done, notYet, type Progress } from '../driver.ts';
import { allOf, pageOf } from '../pages.ts';
import { unlessAbsent, unlessCode } from './errors.ts';
import { recordingName, recordingTag, vendor } from './names.ts';
import type { Options, Settings } from './options.ts';
import type { RecordingConfiguration, RecordingConfigurationSummary, Sdk } from './sdk.ts';
import { Unlisted } from './unlisted.ts';

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
  const made: Made = { unlisted: new Unlisted(), replaced: new Map() };
  const shared = (bucket: string, seconds: number) => {
    const name = recordingName(bucket, seconds);
    const running = asked.get(name) ?? findShared(sdk, made, name, bucket, seconds).finally(() => asked.delete(name));
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

/** How many failed ones are replaced before the failure is the answer: the bucket is not there, or not for IVS. */
const mostReplaced = 2;

/** The recording configurations that this process made, and how often it replaced one of each name. */
interface Made {
  unlisted: Unlisted;
  replaced: Map<string, number>;
}

/**
 * As with channels: what was made counts only when a later look finds it, so that all who race choose the same one. One that
 * failed is left alone beside one that works, and replaced a few times where there is no other.
 */
async function findShared(
  sdk: Sdk,
  { unlisted, replaced }: Made,
  name: string,
  bucket: string,
  seconds: number,
): Promise<Progress<ReadyRecording>> {
  const found = (await sharedNamed(sdk, name, bucket)).sort(usableFirst);
  const [kept, ...doubles] = found.filter(({ state }) => state !== 'CREATE_FAILED');
  if (kept?.arn) {
    unlisted.forget(name);
    // One that a channel already uses is refused with a conflict, and stays.
    for (const { arn } of doubles) if (arn) await forget(sdk, arn);
    if (kept.state === 'ACTIVE') replaced.delete(name);
    return readyOf(kept, seconds);
  }
  const [failed] = found;
  if (failed?.arn) {
    for (const { arn } of found) if (arn) await forget(sdk, arn);
    if (found.some(({ arn }) => arn === unlisted.arnOf(name))) unlisted.forget(name);
  }
  const waiting = unlisted.wait(name);
  if (waiting) return waiting;
  const times = replaced.get(name) ?? 0;
  if (failed && times >= mostReplaced) {
    replaced.delete(name);
    return readyOf(failed, seconds);
  }
  if (failed) replaced.set(name, times + 1);
  const made = await sdk.createRecordingConfiguration({
    name,
    destinationConfiguration: { s3: { bucketName: bucket } },
    recordingReconnectWindowSeconds: seconds,
    tags: { [recordingTag]: 'shared' },
  });
  const arn = made.recordingConfiguration?.arn;
  if (arn) unlisted.add(name, arn);
  return notYet(`the new recording configuration ${name} to show in the list`, settleMs);
}

async function sharedNamed(sdk: Sdk, name: string, bucket: string): Promise<RecordingConfigurationSummary[]> {
  const found = await allOf({ vendor, operation: 'ListRecordingConfigurations' }, async (cursor) => {
    const { recordingConfigurations: items = [], nextToken } = await sdk.listRecordingConfigurations(cursor);
    return pageOf(items, nextToken);
  });
  return found.filter(
    ({ name: given, tags, destinationConfiguration: to }) =>
      given === name && tags?.[recordingTag] !== undefined && to?.s3?.bucketName === bucket,
  );
}

/** What can record comes first, then what may come to; of equals every worker keeps the same one. */
const states = ['ACTIVE', 'CREATING'];
const usableFirst = (a: RecordingConfigurationSummary, b: RecordingConfigurationSummary): number =>
  states.indexOf(a.state ?? '') - states.indexOf(b.state ?? '') || (`${a.arn}` < `${b.arn}` ? -1 : 1);

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

import { integer, object, pageOf, requiredText, rules, tags, text } from './fields.ts';
import type { RecordingConfigurationRecord } from './records.ts';
import type { Handler } from './routes-channels.ts';
import type { IvsAccount } from './state.ts';

/**
 * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeleteRecordingConfiguration.html):
 * there is no update, and what a channel uses cannot be deleted.
 */
export const recordingOperations: Record<string, Handler> = {
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateRecordingConfiguration.html)
  CreateRecordingConfiguration: (account, body) => {
    const destination = object(object(body, 'destinationConfiguration') ?? {}, 's3') ?? {};
    const made = account.createRecordingConfiguration({
      name: text(body, 'name', rules.name) ?? '',
      bucketName: requiredText(destination, 'bucketName', rules.bucket),
      recordingReconnectWindowSeconds: integer(body, 'recordingReconnectWindowSeconds', 0, 300) ?? 0,
      thumbnailConfiguration: object(body, 'thumbnailConfiguration') ?? {
        recordingMode: 'INTERVAL',
        targetIntervalSeconds: 60,
        storage: ['SEQUENTIAL'],
      },
      renditionConfiguration: object(body, 'renditionConfiguration') ?? { renditionSelection: 'ALL' },
      tags: tags(body),
    });
    return { recordingConfiguration: recordingShown(account, made) };
  },
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetRecordingConfiguration.html)
  GetRecordingConfiguration: (account, body) => {
    const found = account.recording(requiredText(body, 'arn', rules.recordingArn));
    return { recordingConfiguration: recordingShown(account, found) };
  },
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListRecordingConfigurations.html)
  ListRecordingConfigurations: (account, body) => {
    const { items, nextToken } = pageOf([...account.recordings.values()], body, 100);
    return { recordingConfigurations: items.map((one) => summary(account, one)), nextToken };
  },
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeleteRecordingConfiguration.html)
  DeleteRecordingConfiguration: (account, body) => {
    account.deleteRecordingConfiguration(requiredText(body, 'arn', rules.recordingArn));
    return undefined;
  },
};

const summary = (account: IvsAccount, recording: RecordingConfigurationRecord): object => ({
  arn: recording.arn,
  name: recording.name,
  destinationConfiguration: { s3: { bucketName: recording.bucketName } },
  state: account.stateOf(recording),
  tags: recording.tags,
});

export const recordingShown = (account: IvsAccount, recording: RecordingConfigurationRecord): object => ({
  ...summary(account, recording),
  thumbnailConfiguration: recording.thumbnailConfiguration,
  recordingReconnectWindowSeconds: recording.recordingReconnectWindowSeconds,
  renditionConfiguration: recording.renditionConfiguration,
});

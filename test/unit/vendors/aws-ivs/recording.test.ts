import { expect, it } from 'vitest';
import { recordingName, recordingTag } from '../../../../vendors/aws-ivs/names.ts';
import type { Settings } from '../../../../vendors/aws-ivs/options.ts';
import { recordingFinder } from '../../../../vendors/aws-ivs/recording.ts';
import type { RecordingConfiguration, Sdk } from '../../../../vendors/aws-ivs/sdk.ts';

const bucket = 'shows';
const name = recordingName(bucket, 0);
const one = (id: string, state: RecordingConfiguration['state']): RecordingConfiguration => ({
  arn: `arn:aws:ivs:us-west-2:123456789012:recording-configuration/${id}`,
  name,
  state,
  destinationConfiguration: { s3: { bucketName: bucket } },
  tags: { [recordingTag]: 'shared' },
});

/** An account with these recording configurations; new ones get `outcome`, and are in the list when `shows` says so. */
function account(there: RecordingConfiguration[], outcome: RecordingConfiguration['state'], shows = () => true) {
  const deleted: string[] = [];
  const made: RecordingConfiguration[] = [];
  const sdk: Partial<Sdk> = {
    listRecordingConfigurations: async () => ({
      $metadata: {},
      recordingConfigurations: [...there, ...(shows() ? made : [])].filter(({ arn }) => !deleted.includes(arn ?? '')),
    }),
    createRecordingConfiguration: async () => {
      const recordingConfiguration = one(`made${made.length}`, outcome);
      made.push(recordingConfiguration);
      return { $metadata: {}, recordingConfiguration };
    },
    deleteRecordingConfiguration: async (arn) => {
      deleted.push(arn);
      return { $metadata: {} };
    },
  };
  const finder = recordingFinder(sdk as Sdk, { recordingBucket: bucket } as Settings);
  return { finder, deleted, made };
}

it.each([
  ['first', [one('a', 'CREATE_FAILED'), one('b', 'ACTIVE')]],
  ['last', [one('a', 'ACTIVE'), one('b', 'CREATE_FAILED')]],
  ['beside one that is being made', [one('a', 'CREATING'), one('b', 'ACTIVE'), one('c', 'CREATE_FAILED')]],
])(
  'takes the active one when a failed one of its name stands %s, and never deletes the active one',
  async (_, there) => {
    const { finder, deleted, made } = account(there, 'ACTIVE');
    const active = there.find(({ state }) => state === 'ACTIVE')?.arn;
    expect(await finder.find({})).toMatchObject({ done: true, value: { arn: active } });
    expect(deleted).not.toContain(active);
    expect(made).toEqual([]);
  },
);

it('replaces a lone failed one', async () => {
  const { finder, deleted } = account([one('a', 'CREATE_FAILED')], 'ACTIVE');
  expect(await finder.find({})).toMatchObject({ done: false });
  expect(await finder.find({})).toMatchObject({ done: true, value: { arn: one('made0', 'ACTIVE').arn } });
  expect(deleted).toEqual([one('a', 'CREATE_FAILED').arn]);
});

it('says why after a few replacements failed too', async () => {
  const { finder, made } = account([], 'CREATE_FAILED');
  const asked: unknown[] = [];
  for (let n = 0; n < 10 && !(asked.at(-1) instanceof Error); n += 1) asked.push(await finder.find({}).catch((e) => e));
  expect(asked.at(-1)).toMatchObject({ kind: 'invalid-request', message: expect.stringContaining('could not set up') });
  expect(made).toHaveLength(3);
});

it('makes no other one while the list is behind, and says so', async () => {
  let shown = false;
  const { finder, made } = account([], 'ACTIVE', () => shown);
  for (let n = 0; n < 80; n += 1) expect(await finder.find({})).toMatchObject({ done: false });
  expect(made).toHaveLength(1);
  expect(await finder.find({})).toMatchObject({ waitingFor: expect.stringMatching(/to show in the list; another/) });
  shown = true;
  expect(await finder.find({})).toMatchObject({ done: true });
  expect(made).toHaveLength(1);
});

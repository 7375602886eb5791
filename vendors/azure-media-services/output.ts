import type { Channel, Output } from '../../domain/channel.ts';
import { done, notYet, type Progress } from '../driver.ts';
import { refusal } from './errors.ts';
import { manifestName, outputNameOf } from './names.ts';
import { requireOwn } from './ownership.ts';
import type { LiveOutput, Sdk } from './sdk.ts';
import { advance, type Decision, finished } from './steps.ts';
import { type AssetPart, detailsOf, ensureLocator, hlsPathOf, isOfThisRun, partsOf } from './vod.ts';

/** A live output of the event records; a reset may have ended the last one. */
export async function createOutput(sdk: Sdk, channel: Channel): Promise<Progress<Output>> {
  const { ref } = channel;
  requireOwn(await sdk.getEvent(ref.name), ref, 'LiveOutputs_Create');
  return advance(
    () => sdk.listOutputs(ref.name),
    (outputs): Decision<Output> => {
      const [output] = outputs;
      if (!output) {
        return { step: 'create the live output', request: () => recordNextPart(sdk, channel), againMs: 1_000 };
      }
      if (output.provisioningState === 'Failed') {
        throw refusal({
          kind: 'unknown',
          operation: 'LiveOutputs_Create',
          resource: `${ref.name}/${output.name}`,
          message: 'the live output could not be made (provisioningState Failed)',
          advice: 'look at the activity log of the media account',
        });
      }
      if (output.resourceState !== 'Running')
        return finished(notYet(`the live output, ${output.resourceState}`, 1_000));
      const recordsSince = output.created?.getTime();
      return finished(
        done({
          details: { outputName: output.name ?? '', assetName: output.assetName ?? '' },
          ...(recordsSince !== undefined && { recordsSince }),
        }),
      );
    },
  );
}

/** Where nothing was recorded before a reset, the output after it has the same name: then its creation distinguishes them. */
export function isOutput(output: LiveOutput | undefined, { details, recordsSince }: Output): boolean {
  if (output?.name !== details.outputName) return false;
  return recordsSince === undefined || !output?.created || output.created.getTime() === recordsSince;
}

async function recordNextPart(sdk: Sdk, channel: Channel): Promise<void> {
  const { ref } = channel;
  const { archiveWindowLength, title } = detailsOf(channel);
  const part = await partToRecord(sdk, channel);
  if (!part.asset) await sdk.putAsset(part.assetName, { alternateId: ref.workflowId, description: title });
  await ensureLocator(sdk, channel, part.assetName);
  await sdk.createOutput(ref.name, outputNameOf(part.number), {
    assetName: part.assetName,
    archiveWindowLength,
    manifestName,
    description: title,
  });
}

/** The newest part when it is of this run and still empty (its output may never have been made), else the next. */
async function partToRecord(sdk: Sdk, channel: Channel): Promise<AssetPart> {
  const parts = await partsOf(sdk, channel);
  const newest = parts.at(-2);
  const free = parts.at(-1) as AssetPart;
  if (!newest || !isOfThisRun(newest, channel)) return free;
  const locator = await sdk.getLocator(newest.assetName);
  const recorded = locator && (await hlsPathOf(sdk, newest.assetName)) !== undefined;
  return recorded ? free : newest;
}

import type { Client, ScheduleClient } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';

/**
 * A client whose codec flags the arguments of schedules: they are for runs whose ids are not known yet. The SDK names the
 * workflow id of the action alone, as if it were that of a run.
 */
export function flaggingSchedules({ schedule, options }: Client): ScheduleClient {
  const { loadedDataConverter } = options;
  const dataConverter = { ...loadedDataConverter, payloadCodecs: loadedDataConverter.payloadCodecs.map(forSchedules) };
  return Object.create(schedule, { dataConverter: { value: dataConverter } });
}

/** Of codecs that know the difference, as that of showcaller does (temporal/codec/aes-gcm.ts). */
const forSchedules = (codec: PayloadCodec & { forSchedules?: () => PayloadCodec }): PayloadCodec =>
  codec.forSchedules?.() ?? codec;

import { scanTs } from '../proof/media/mpeg-ts.ts';

/** What the newest segment holds. A problem counts when two segments in a row have it. */
export interface Finding {
  seen: string | undefined;
  problem?: string;
}

/** Samples of picture and sound in a whole MPEG-TS segment; `before`: of the segment that was looked into last. */
export function findingOf(bytes: Uint8Array, before?: Finding): Finding {
  const { samples, lostSyncAt } = scanTs(bytes);
  const seen =
    lostSyncAt === 0
      ? undefined
      : !samples.video
        ? 'the newest segment holds no picture'
        : !samples.audio
          ? 'the newest segment holds no sound'
          : undefined;
  return { seen, ...(seen !== undefined && seen === before?.seen && { problem: seen }) };
}

/** When the samples of one kind in a piece of a segment begin. Ticks of the container's clock. */
export interface SampleTimes {
  count: number;
  first: number;
  last: number;
  /** From one sample to the next, as far as two were seen. */
  interval?: number;
  /** The longest time from one sample to the next. */
  longestPause: number;
}

export type Kind = 'video' | 'audio';

/** The samples that were found, by kind; absent where there were none. */
export type Samples = Partial<Record<Kind, SampleTimes>>;

/** MPEG-TS has a clock of 90 kHz and 33 bits (ISO/IEC 13818-1, 2.4.3.7). */
export const tsTicksPerMs = 90;
const tsWrap = 2 ** 33;

/** From one time of MPEG-TS to another, across the wrap after 26.5 hours; negative when it goes back. */
export function tsTicksBetween(from: number, to: number): number {
  const forward = (((to - from) % tsWrap) + tsWrap) % tsWrap;
  return forward < tsWrap / 2 ? forward : forward - tsWrap;
}

/** The picture says how long a segment lasts; of sound alone, the sound. */
export const leading = (samples: Samples): SampleTimes | undefined => samples.video ?? samples.audio;

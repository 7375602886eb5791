import { type Container, findFfmpeg, runFfmpeg } from '../proof/media/ffmpeg.ts';

/** What viewers would see and hear of a segment. */
export interface Blank {
  /** Every picture that was looked at is black. Undefined without a picture. */
  isBlack?: boolean;
  /** Undefined without sound. */
  isSilent?: boolean;
}

export interface BlankDetector {
  /** It looks at one segment at a time. */
  readonly isBusy: boolean;
  /** Undefined where it cannot be seen: without ffmpeg, and of what it cannot decode. Never rejects. */
  look(bytes: Uint8Array, container: Container): Promise<Blank | undefined>;
}

const mostMs = 15_000;
/** So much of a picture must be black, and no sound may be louder. */
const blackPercent = 98;
const silentDb = -60;

/**
 * Looks for black pictures and silence with an ffmpeg, which is looked for at the first segment. Of the pictures only key
 * frames are decoded: a few in a segment, however large it is.
 */
export function blankDetector(path?: string): BlankDetector {
  let found: Promise<string | undefined> | undefined;
  let isBusy = false;
  return {
    get isBusy() {
      return isBusy;
    },
    async look(bytes, container) {
      if (isBusy) return undefined;
      isBusy = true;
      try {
        found ??= findFfmpeg(path);
        const ffmpeg = await found;
        if (ffmpeg === undefined) return undefined;
        // https://ffmpeg.org/ffmpeg-filters.html#blackframe https://ffmpeg.org/ffmpeg-filters.html#volumedetect
        const filters = ['-vf', 'blackframe=amount=0', '-af', 'volumedetect'];
        const run = await runFfmpeg(ffmpeg, bytes, container, {
          level: 'info',
          decoding: ['-skip_frame:v', 'nokey'],
          output: [...filters, '-f', 'null', '-'],
          mostMs,
        });
        return run.ok ? blankIn(run.complaints) : undefined;
      } finally {
        isBusy = false;
      }
    },
  };
}

function blankIn(log: string): Blank {
  const pictures = [...log.matchAll(/\bpblack:\s*(\d+)/g)].map(([, percent]) => Number(percent));
  const loudest = /\bmax_volume:\s*(-?[\d.]+|-inf) dB/.exec(log)?.[1];
  return {
    ...(pictures.length > 0 && { isBlack: pictures.every((percent) => percent >= blackPercent) }),
    ...(loudest !== undefined && { isSilent: loudest === '-inf' || Number(loudest) <= silentDb }),
  };
}

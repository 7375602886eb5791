export interface TsSegment {
  index: number;
  /** MPEG-TS with H.264 and, if there is sound, AAC; starts with PAT, PMT and a key frame. */
  bytes: Buffer;
  durationMs: number;
  /** Epoch milliseconds at which its first frame came. */
  startedAt: number;
  /** The first of a session, or the first after a jump of its timestamps. */
  discontinuity: boolean;
}

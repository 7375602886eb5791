import type { MediaTag } from '../kit/flv.ts';

export interface SourceListener {
  tag(tag: MediaTag): void;
  /** Told once. */
  end(reason: string): void;
}

export interface PulledSource {
  close(): void;
}

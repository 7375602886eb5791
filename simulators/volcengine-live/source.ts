import type { MediaTag } from '../kit/flv.ts';

export interface SourceListener {
  tag(tag: MediaTag): void;
  /** Called once. */
  end(reason: string): void;
}

export interface PulledSource {
  close(): void;
}

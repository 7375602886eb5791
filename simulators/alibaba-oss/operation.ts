import type { ObjectStore } from '../kit/object-store.ts';
import type { SimRequest, SimResponse } from '../kit/types.ts';
import type { OssMedia } from './media.ts';
import type { OssState } from './state.ts';

export interface OperationContext {
  req: SimRequest;
  /** Decoded: a channel, or `{channel}/{playlist}`; empty for the bucket. */
  key: string;
  state: OssState;
  store: ObjectStore;
  media: OssMedia;
  /** Public base addresses in answers, for example `http://127.0.0.1:4000/bucket` and `rtmp://127.0.0.1:4000`. */
  playUrl(channel: string, playlist: string): string;
  publishUrl(channel: string): string;
}

export type Operation = (context: OperationContext) => SimResponse | Promise<SimResponse>;

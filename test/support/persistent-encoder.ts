import { setTimeout as pause } from 'node:timers/promises';
import { type Encoder, startEncoder } from '../../simulators/kit/encoder.ts';

/** One try of an encoder to get in. */
export interface Knock {
  at: number;
  letIn: boolean;
}

export interface PersistentEncoder {
  knocks: readonly Knock[];
  /** Gives up at last. */
  stop(): Promise<void>;
}

/** How soon an encoder in the field knocks again. */
const betweenKnocksMs = 100;

/** An encoder as there are many: it knocks until it is let in, and again whenever it was thrown out. */
export function persistentEncoder(url: string): PersistentEncoder {
  const knocks: Knock[] = [];
  const gaveUp = new AbortController();
  let sending: Encoder | undefined;
  const knock = async () => {
    const at = Date.now();
    try {
      sending = await startEncoder({ url });
      knocks.push({ at, letIn: true });
      if (gaveUp.signal.aborted) await sending.drop();
      await sending.done;
    } catch {
      knocks.push({ at, letIn: false });
      await pause(betweenKnocksMs);
    }
  };
  const knocking = (async () => {
    while (!gaveUp.signal.aborted) await knock();
  })();
  return {
    knocks,
    stop: async () => {
      gaveUp.abort();
      await sending?.drop();
      await knocking;
    },
  };
}

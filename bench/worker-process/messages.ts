/** What a worker's process and the one with the vendor say to each other. */
import type { VendorErrorFacts } from '../../domain/errors.ts';

export interface Ask {
  kind: 'ask';
  n: number;
  method: string;
  args: readonly unknown[];
}

export type Answer = { n: number } & ({ value: unknown } | { facts: VendorErrorFacts } | { message: string });

export interface Ready {
  kind: 'ready';
}

/** Of a worker that ended by itself. */
export interface Left {
  kind: 'left';
  cpuSeconds: number;
}

export type FromWorker = Ask | Ready | Left;

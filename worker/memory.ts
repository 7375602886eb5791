import { Buffer } from 'node:buffer';
import { setFlagsFromString } from 'node:v8';

/** Bytes. Node's 8 KB, or 64 in newer ones, are kept whole for as long as one slice of them is: the SDK keeps each run's last answer. */
const poolBytes = 1_024;
/** V8 lets the old generation grow to some twice of what is alive before it collects it. Smaller costs more CPU. */
const growingPercent = 30;

/** V8's part for this process, the buffers' for this thread, where thousands of runs wait. What it saves: docs/performance.md, "Memory of a cached run". */
export function useLittleMemory(): void {
  Buffer.poolSize = poolBytes;
  setFlagsFromString(`--heap-growing-percent=${growingPercent}`);
}

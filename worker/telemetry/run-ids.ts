import { type Context, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { RandomIdGenerator } from '@opentelemetry/sdk-trace-node';
import type { Info } from '@temporalio/activity';
import { keepNewest } from '../../domain/keep-newest.ts';

/** More do not begin within the few seconds of such a check. */
const mostBegun = 1_000;

/** The span of a run in its trace. */
export interface RunTrace {
  traceId: string;
  spanId: string;
  context: Context;
}

/** Random ids, except for the span of a run, which every worker must be able to compute. */
export class GivenIds extends RandomIdGenerator {
  #given: RunTrace | undefined;
  readonly #begun = new Set<string>();

  constructor() {
    super();
    const { generateTraceId: randomTrace, generateSpanId: randomSpan } = this;
    this.generateTraceId = () => this.#given?.traceId ?? randomTrace();
    this.generateSpanId = () => this.#given?.spanId ?? randomSpan();
  }

  /** A run's id is a UUID, and so is a trace's but for the hyphens. */
  runOf({ workflowExecution }: Info): RunTrace | undefined {
    const traceId = workflowExecution?.runId.replaceAll('-', '').toLowerCase() ?? '';
    if (!/^[0-9a-f]{32}$/.test(traceId)) return undefined;
    const spanId = traceId.slice(16);
    const parent = { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
    return { traceId, spanId, context: trace.setSpanContext(ROOT_CONTEXT, parent) };
  }

  /** True once for each run: an attempt of its first step may come after a local attempt that failed, or was answered too late. */
  begins({ spanId }: RunTrace): boolean {
    if (this.#begun.has(spanId)) return false;
    this.#begun.add(spanId);
    keepNewest(this.#begun, mostBegun);
    return true;
  }

  giving<T>(run: RunTrace, work: () => T): T {
    this.#given = run;
    try {
      return work();
    } finally {
      this.#given = undefined;
    }
  }
}

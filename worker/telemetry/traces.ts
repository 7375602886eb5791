import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type DiagLogger,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Info } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { eventIdOf } from '../../domain/ids.ts';
import type { CallEvent } from '../../vendors/call.ts';
import { lastTracesMs } from '../ending.ts';
import { ownerOf } from '../metrics/step-owner.ts';
import { outcomeOf } from '../metrics/steps.ts';
import { GivenIds, type RunTrace } from './run-ids.ts';

export interface Tracing {
  steps: ActivityInterceptorsFactory;
  called(event: CallEvent): void;
  /** Exports the spans that have not been exported. */
  close(): Promise<void>;
}

export type Warn = (message: string) => void;

interface TracedCall extends CallEvent {
  endedAt: number;
}

/** One attempt and the calls it made; spans are made of it when it is over and worth a trace. */
interface Attempt {
  info: Info;
  argument: unknown;
  startedAt: number;
  calls: TracedCall[];
}

/** Most calls of one step in a trace: a step that reads a long recording must not flood the collector. */
const mostCalls = 200;
/** The poller runs without end, so it has no trace; its metrics show what it does. */
const untraced: ReadonlySet<string> = new Set(['followAccount']);

/** Traces of runs: one trace for each, whose id is the run's id, so that nothing has to travel through history. */
export function startTracing({ url, serviceName }: { url: string; serviceName: string }, warn: Warn): Tracing {
  diag.setLogger(loggerOf(warn), DiagLogLevel.ERROR);
  const ids = new GivenIds();
  const provider = new NodeTracerProvider({
    resource: Resource.default().merge(new Resource({ 'service.name': serviceName })),
    idGenerator: ids,
    // Batches go out every five seconds, which is just when many servers give up a connection that idles: half of a trace
    // would be lost with it.
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url, keepAlive: false, timeoutMillis: lastTracesMs })),
    ],
  });
  const tracer = provider.getTracer('showcaller');
  const under = new AsyncLocalStorage<Attempt>();
  return {
    steps: ({ info }) => ({
      inbound: {
        async execute(input, next) {
          if (untraced.has(info.activityType)) return next(input);
          const attempt: Attempt = { info, argument: input.args[0], startedAt: Date.now(), calls: [] };
          let error: unknown;
          try {
            return await under.run(attempt, () => next(input));
          } catch (thrown) {
            error = thrown;
            throw thrown;
          } finally {
            // A trace that fails must not fail its step.
            try {
              traceAttempt(tracer, ids, attempt, error);
            } catch (cause) {
              warn(`cannot trace a step: ${cause}`);
            }
          }
        },
      },
    }),
    called(event) {
      const calls = under.getStore()?.calls;
      if (calls && calls.length < mostCalls) calls.push({ ...event, endedAt: Date.now() });
    },
    // An unreachable collector must not make a worker fail at its end.
    close: () =>
      provider.shutdown().catch((error: Error) => warn(`traces: the last could not be sent: ${error.message}`)),
  };
}

/** Passes on only the library's errors: they say what it could not send. */
function loggerOf(warn: Warn): DiagLogger {
  const quiet = () => {};
  const error = (message: string) => warn(`traces: ${message}`);
  return { error, warn: quiet, info: quiet, debug: quiet, verbose: quiet };
}

function traceAttempt(tracer: Tracer, ids: GivenIds, attempt: Attempt, error: unknown): void {
  const { info, calls, startedAt } = attempt;
  const outcome = error === undefined ? 'done' : outcomeOf(error);
  // A watch that found no change is not traced: most attempts are such.
  if (outcome === 'waiting' && calls.every((call) => call.error === undefined)) return;
  const run = ids.runOf(info);
  if (run === undefined) return;
  const isFirst = info.attempt === 1 && firstSteps.has(info.activityType);
  if (isFirst && ids.begins(run)) traceRun(tracer, ids, run, info);
  const span = tracer.startSpan(
    info.activityType,
    { startTime: startedAt, attributes: attributesOf(attempt, outcome) },
    run.context,
  );
  const inSpan = trace.setSpan(run.context, span);
  for (const call of calls) traceCall(tracer, inSpan, call);
  if (outcome !== 'done' && outcome !== 'waiting' && outcome !== 'elsewhere') {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : outcome });
  }
  span.end();
}

function attributesOf({ info, argument }: Attempt, outcome: string) {
  const { vendor, account } = ownerOf(argument) ?? {};
  return {
    ...runAttributes(info),
    'temporal.activity_id': info.activityId,
    'temporal.attempt': info.attempt,
    'showcaller.outcome': outcome,
    ...(vendor && { 'showcaller.vendor': vendor, 'showcaller.account': account }),
  };
}

function runAttributes({ workflowExecution }: Info) {
  const { workflowId = '', runId = '' } = workflowExecution ?? {};
  const eventId = eventIdOf(workflowId);
  return {
    'temporal.workflow_id': workflowId,
    'temporal.run_id': runId,
    ...(eventId && { 'showcaller.event_id': eventId }),
  };
}

function traceCall(
  tracer: Tracer,
  parent: Context,
  { vendor, account, operation, ms, endedAt, error }: TracedCall,
): void {
  const attributes = { 'showcaller.vendor': vendor, 'showcaller.account': account };
  const options = { kind: SpanKind.CLIENT, startTime: endedAt - ms, attributes };
  const span = tracer.startSpan(`${vendor} ${operation}`, options, parent);
  if (error) {
    span.setAttribute('showcaller.error_kind', error.kind);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.kind });
  }
  span.end(endedAt);
}

/** The first step of a run also traces the run itself, so that its trace has a root. */
const firstSteps: ReadonlySet<string> = new Set(['preparePlan', 'sweepableAccounts']);

function traceRun(tracer: Tracer, ids: GivenIds, run: RunTrace, info: Info): void {
  const options = { startTime: info.scheduledTimestampMs, attributes: runAttributes(info), root: true };
  const span = ids.giving(run, () => tracer.startSpan(info.workflowType ?? 'run', options, ROOT_CONTEXT));
  span.end(info.scheduledTimestampMs);
}

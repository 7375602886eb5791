import { setTimeout as wait } from 'node:timers/promises';
import { type NoResponse, startHttpServer } from './http-server.ts';
import { messageOf } from './message-of.ts';
import { hitPlayback, isPlaybackFault } from './playback-faults.ts';
import { redactUrl } from './redact.ts';
import type { Fault, FaultKind, SimRequest, SimResponse, SimulatorKit } from './types.ts';

export interface VendorServerOptions {
  vendor: string;
  kit: SimulatorKit;
  /** Default 127.0.0.1. */
  host?: string;
  /** Default: any free one. */
  port?: number;
  /** The vendor's own name of the call, also for calls that will be refused; `media:…` for a player's reads. */
  identify(req: SimRequest): string;
  /** `failsLater`: what it begins ends as failed. */
  handle(req: SimRequest, operation: string, failsLater: boolean): SimResponse | Promise<SimResponse>;
  /** The vendor's own answer for the fault kinds that have one: throttle, unavailable, quota, unauthorized, invalid. */
  fail(kind: FaultKind, req: SimRequest, operation: string): SimResponse;
}

export interface VendorServer {
  /** `http://host:port`, no slash at the end. */
  url: string;
  port: number;
  /** Ends every connection, hanging ones too. */
  close(): Promise<void>;
}

/** What is logged when nothing was done and no answer went out. */
const noStatus = 0;
const defaultDelayMs = 1_000;

/**
 * One vendor's HTTP server: reads the body, puts faults in the way, logs every call with its secrets redacted.
 * A handler that throws is a bug of the simulator: it answers 500 and the log's note says why.
 */
export function serveVendor(options: VendorServerOptions): Promise<VendorServer> {
  const { host, port } = options;
  return startHttpServer({ host, port, respond: (req, closing) => serveCall(options, req, closing) });
}

interface ServedAnswer {
  answer: SimResponse | NoResponse;
  /** What the handler answered, also when that never went out. */
  status: number;
  note?: string;
}

async function serveCall(
  options: VendorServerOptions,
  req: SimRequest,
  closing: AbortSignal,
): Promise<SimResponse | NoResponse> {
  const { vendor, kit } = options;
  const at = Date.now();
  const operation = nameOf(options, req);
  const fault = kit.faults.take(vendor, operation);
  const { answer, status, note } = await outcomeOf(options, req, operation, fault);
  kit.log.add({
    at,
    vendor,
    operation,
    method: req.method,
    url: redactUrl(req.url),
    status,
    ...(fault && { fault: fault.kind }),
    ...(note && { note }),
  });
  if (fault?.kind === 'delay') {
    await wait(fault.delayMs ?? defaultDelayMs, undefined, { signal: closing }).catch(() => undefined);
  }
  return answer;
}

function nameOf({ identify }: VendorServerOptions, req: SimRequest): string {
  try {
    return identify(req);
  } catch {
    return 'unknown';
  }
}

async function outcomeOf(
  { vendor, kit, handle, fail }: VendorServerOptions,
  req: SimRequest,
  operation: string,
  fault: Fault | undefined,
): Promise<ServedAnswer> {
  try {
    if (fault?.kind === 'reset' || fault?.kind === 'hang') return { answer: fault.kind, status: noStatus };
    if (fault?.kind === 'answer') return { answer: strangeAnswer(fault), status: fault.answer?.status ?? 200 };
    if (fault && isPlaybackFault(fault.kind)) {
      const answer = await hitPlayback(fault, kit, req, async (asked) => handle(asked, operation, false));
      return { answer, status: answer.status };
    }
    const applied = !fault || appliedFaults.includes(fault.kind);
    const serve = async () => handle(req, operation, fault?.kind === 'fail-later');
    const served = () => (kit.replace ? kit.replace({ vendor, operation, request: req }, serve) : serve());
    const answer = applied ? await served() : fail(fault.kind, req, operation);
    kit.watch?.({ vendor, operation, request: req, response: answer });
    if (fault?.kind === 'truncate') return { answer: truncated(answer), status: answer.status };
    if (fault?.kind === 'skewed') return { answer: redated(answer, fault), status: answer.status };
    if (fault?.kind === 'mislabel') return { answer: mislabelled(answer), status: answer.status };
    return { answer: fault?.kind === 'lose-response' ? 'reset' : answer, status: answer.status };
  } catch (error) {
    const note = `the simulator failed: ${messageOf(error)}`;
    return {
      answer: { status: 500, body: 'The simulator failed on this request; its log says why.\n' },
      status: 500,
      note,
    };
  }
}

const appliedFaults: readonly FaultKind[] = ['delay', 'lose-response', 'truncate', 'mislabel', 'fail-later', 'skewed'];

const strangeAnswer = ({ answer }: Fault): SimResponse => ({
  status: answer?.status ?? 200,
  headers: { 'content-type': answer?.contentType ?? 'text/html' },
  body: answer?.body ?? (answer ? '' : '<!DOCTYPE html><title>Maintenance</title><p>We will be back soon.'),
});

function truncated(answer: SimResponse): SimResponse {
  const body = Buffer.from(answer.body ?? '');
  return { ...answer, headers: withoutLength(answer), body: body.subarray(0, body.length / 2) };
}

const redated = (answer: SimResponse, { skewMs = 0 }: Fault): SimResponse => ({
  ...answer,
  headers: { ...answer.headers, date: new Date(Date.now() + skewMs).toUTCString() },
});

const mislabelled = (answer: SimResponse): SimResponse => ({
  ...answer,
  headers: { ...withoutType(answer), 'content-type': 'text/plain' },
});

const withoutHeader =
  (name: string) =>
  ({ headers = {} }: SimResponse): Record<string, string> =>
    Object.fromEntries(Object.entries(headers).filter(([key]) => key.toLowerCase() !== name));
const withoutLength = withoutHeader('content-length');
const withoutType = withoutHeader('content-type');

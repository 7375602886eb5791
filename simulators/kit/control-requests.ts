import { z } from 'zod';
import { encoderSources } from './encoder-types.ts';
import { parsePushUrl } from './push-url.ts';
import type { FaultKind } from './types.ts';

/** One thing wrong with what was sent to the control interface. */
export interface ControlProblem {
  path: string;
  message: string;
}

export type CheckedRequest<T> = { ok: true; value: T } | { ok: false; problems: ControlProblem[] };

/** A record, so that the compiler complains about a kind that is missing. */
const faultKinds: Record<FaultKind, true> = {
  throttle: true,
  unavailable: true,
  quota: true,
  unauthorized: true,
  invalid: true,
  reset: true,
  hang: true,
  'lose-response': true,
  delay: true,
  answer: true,
  truncate: true,
  mislabel: true,
  'fail-later': true,
  skewed: true,
  freeze: true,
  stale: true,
  gone: true,
  'late-first-segment': true,
  'one-variant-dead': true,
};

const count = z.int().min(0).max(1_000_000);

/** `POST /faults`. */
export const faultRequest = (vendors: readonly string[]) =>
  z.strictObject({
    vendor: z.enum(vendors),
    operation: z.string().min(1).max(200),
    kind: z.enum(Object.keys(faultKinds) as FaultKind[]),
    skip: count.optional(),
    times: count.min(1).optional(),
    delayMs: z.int().min(0).max(3_600_000).optional(),
    skewMs: z.int().min(-86_400_000).max(86_400_000).optional(),
    answer: z
      .strictObject({
        status: z.int().min(200).max(599),
        contentType: z.string().max(200).optional(),
        body: z.string().max(100_000).optional(),
      })
      .optional(),
  });

/** `POST /encoders`. */
export const encoderRequest = z.strictObject({
  url: z.string().refine(isPushUrl, 'must look like rtmp://host:port/app/name'),
  source: z.enum(encoderSources).optional(),
  seconds: z.number().positive().max(86_400).optional(),
});

function isPushUrl(url: string): boolean {
  try {
    parsePushUrl(url);
    return true;
  } catch {
    return false;
  }
}

/** The body as JSON by a schema, or all that is wrong with it. */
export function checkBody<T>(schema: z.ZodType<T>, body: Buffer): CheckedRequest<T> {
  const json = parseJson(body);
  if (json === undefined) return { ok: false, problems: [{ path: '', message: 'the body is not JSON' }] };
  const result = schema.safeParse(json.value);
  if (result.success) return { ok: true, value: result.data };
  const problems = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  return { ok: false, problems };
}

function parseJson(body: Buffer): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(body.toString('utf8')) };
  } catch {
    return undefined;
  }
}

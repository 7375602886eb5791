import { fieldsOf } from '../json.ts';
import { onAirStates } from '../on-air.ts';
import { encoderStates, endReasons, phases } from '../phases.ts';
import type { EventStatus } from '../report.ts';
import { isInstant } from '../time.ts';
import { cueTexts } from '../timeline.ts';

/** What the run of a leg reports to that of its event. */
export interface LegReport {
  leg: string;
  status: EventStatus;
}

/** What came as a signal, which any Temporal client may send; undefined where an event could not be decided or shown by it. */
export function legReportOf(sent: unknown): LegReport | undefined {
  const { leg, status } = fieldsOf(sent);
  return isText(leg) && isStatus(status) ? { leg, status: status as EventStatus } : undefined;
}

type Check = (value: unknown) => boolean;

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber: Check = Number.isFinite;
const isObject: Check = (value) => typeof value === 'object' && value !== null;
const oneOf =
  (values: readonly string[]): Check =>
  (value) =>
    isText(value) && values.includes(value);
const listOf =
  (isItem: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(isItem);
const maybe =
  (is: Check): Check =>
  (value) =>
    value === undefined || is(value);
const has =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(checks).every(([name, is]) => is(fieldsOf(value)[name]));

const isSpan = has({ from: isInstant, to: isInstant });

/** What the run of the event reads of a leg, to decide and for the Temporal UI. */
const checks = {
  phase: oneOf(phases),
  encoder: oneOf(encoderStates),
  plan: maybe(has({ vendorOptions: isObject })),
  startsAt: isInstant,
  endsAt: isInstant,
  nextCue: maybe(has({ what: oneOf(Object.keys(cueTexts)), at: isInstant })),
  missedMs: maybe(isNumber),
  channel: maybe(has({ ref: has({ name: isText }) })),
  playback: maybe(has({ hls: maybe(isText), dash: maybe(isText), flv: maybe(isText), note: maybe(isText) })),
  onAir: maybe(
    has({
      state: oneOf(onAirStates),
      since: isInstant,
      reason: maybe(isText),
      latencyMs: maybe(isNumber),
      firstSegmentAt: maybe(isInstant),
      lostAt: maybe(isInstant),
    }),
  ),
  viewed: maybe(listOf(isSpan)),
  viewersUnknown: maybe(listOf(isSpan)),
  preflight: maybe(
    has({
      findings: listOf(has({ check: isText, message: isText, advice: isText })),
      unseen: listOf(has({ check: isText, reason: isText })),
    }),
  ),
  vendorState: maybe(isText),
  stoppedAt: maybe(isInstant),
  entered: (value) => isObject(value) && Object.values(fieldsOf(value)).every(isInstant),
  windows: listOf(isSpan),
  gaps: listOf(isSpan),
  sessions: listOf(has({ startedAt: isInstant, endedAt: maybe(isInstant) })),
  vod: listOf(
    has({ url: isText, covers: maybe(isSpan), proof: has({ proved: (value) => typeof value === 'boolean' }) }),
  ),
  audit: listOf(isObject),
  troubles: listOf(isObject),
  endReason: maybe(oneOf(endReasons)),
  endDetail: maybe(isText),
  released: (value) => typeof value === 'boolean',
  billing: maybe(listOf(has({ resource: isText, name: isText, state: isText, at: isInstant }))),
} satisfies Partial<Record<keyof EventStatus, Check>>;
const isStatus = has(checks);

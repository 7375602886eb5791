import { type OnAir, type OnAirChange, onAirChangeOf, usualDarkMs } from '../../domain/on-air.ts';
import { acceptsEncoder } from '../../domain/phases.ts';
import { common } from '../../domain/spans.ts';
import { formatDuration, formatInstant } from '../../domain/time.ts';
import { firstSegmentMs } from '../../domain/viewed.ts';
import { endedByViewers } from '../../domain/webhooks/warnings.ts';
import { firstSegmentSeen, viewersBack, viewersLost } from '../metrics.ts';
import type { Run } from './run.ts';

/** A stream that comes and goes must not fill the report; the longest show has room. */
const mostSpans = 500;

/** Takes over what viewers get, as the poller saw it. After the show nothing is expected on air. */
export function viewersChanged(run: Run, sent: unknown): void {
  const change = onAirChangeOf(sent);
  if (!change || !acceptsEncoder(run.status.phase)) return;
  const { status } = run;
  const { onAir: before } = status;
  const { state, at, reason, latencyMs } = change;
  const wasOnAir = before?.state === 'on-air';
  const isFirst = state === 'on-air' && before?.firstSegmentAt === undefined;
  if (wasOnAir && state !== 'on-air') endSpan(run, change.until ?? at);
  if (before?.state === 'unknown' && state !== 'unknown') endUnknown(run, lookedFrom(change));
  const firstSegmentAt = isFirst ? at : before?.firstSegmentAt;
  const from = wasOnAir ? before.from : Math.min(change.from ?? at, at);
  const lostAt = state === 'on-air' ? undefined : (before?.lostAt ?? (isOff(state) && firstSegmentAt ? at : undefined));
  status.onAir = {
    state,
    since: before?.state === state ? before.since : at,
    ...(reason !== undefined && { reason }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(firstSegmentAt !== undefined && { firstSegmentAt }),
    ...(state === 'on-air' && from !== undefined && { from }),
    ...(lostAt !== undefined && { lostAt }),
  };
  if (isFirst) firstSegmentSeen(status, firstSegmentMs(status) ?? 0);
  else if (state === 'on-air' && before?.lostAt !== undefined) viewersBack(status, at - before.lostAt);
  if (isOff(state) && before?.lostAt === undefined && lostAt !== undefined) viewersLost(status, state);
  if (before?.state !== state || before.reason !== reason) {
    run.enqueue('on-air', {
      state,
      ...(before && { previous: before.state }),
      changedAt: formatInstant(at),
      ...(reason !== undefined && { reason }),
      ...(latencyMs !== undefined && { latencyMs }),
    });
  }
  if (state === 'on-air')
    run.endWarnings(
      change.blank === undefined ? endedByViewers : endedByViewers.filter((one) => one !== 'viewers-blank'),
      `viewers got pictures at ${formatInstant(at)}`,
    );
  warn(run, change, before);
  run.show();
}

const isOff = (state: OnAirChange['state']): state is 'frozen' | 'gone' => state === 'frozen' || state === 'gone';

/** Ends the span in which viewers got pictures; spans do not overlap. */
function endSpan({ status }: Run, until: number): void {
  const { onAir, viewed = [] } = status;
  const from = Math.max(onAir?.from ?? until, viewed.at(-1)?.to ?? 0);
  if (until > from) status.viewed = [...viewed, { from, to: until }].slice(-mostSpans);
}

/** Until when it is not known what viewers got. What was seen last of a playlist that is gone was seen before that. */
const lookedFrom = ({ state, at, from, until }: OnAirChange): number => (state === 'gone' ? at : (from ?? until ?? at));

/** Ends the span in which it could not be looked. */
function endUnknown({ status }: Run, until: number): void {
  const { onAir, viewersUnknown = [] } = status;
  const from = Math.max(onAir?.since ?? until, viewersUnknown.at(-1)?.to ?? 0);
  if (until > from) status.viewersUnknown = [...viewersUnknown, { from, to: until }].slice(-mostSpans);
}

/**
 * At the stop: a viewer who is on air gets what was sent until then. Viewers get no more than was sent: a gap of a few seconds
 * is none to them, who have segments in hand, and where a playlist has no dates its segments are seen later than they were sent.
 */
export function endViewing(run: Run, stoppedAt: number): void {
  const { status } = run;
  if (status.onAir?.state === 'on-air') endSpan(run, stoppedAt);
  if (status.onAir?.state === 'unknown') endUnknown(run, stoppedAt);
  if (status.viewed) status.viewed = common(status.viewed, status.windows).slice(-mostSpans);
  if (status.viewersUnknown) status.viewersUnknown = common(status.viewersUnknown, status.windows).slice(-mostSpans);
}

function warn(
  run: Run,
  { state, at, reason = 'for an unknown reason', isOverdue, blank }: OnAirChange,
  before?: Pick<OnAir, 'state' | 'reason'>,
): void {
  if (isOverdue) {
    const waited = formatDuration(run.plan.waits.darkMs ?? usualDarkMs);
    run.warn('viewers-dark', `the encoder has been connected for ${waited}, and viewers get nothing: ${reason}`);
  } else if (isOff(state) && state !== before?.state && run.facts.lostAt === undefined) {
    run.warn(`viewers-${state}`, `viewers get nothing new since ${formatInstant(at)}: ${reason}`);
  } else if (blank !== undefined && !before?.reason?.includes(blank)) {
    run.warn('viewers-blank', `viewers get new segments, and in them: ${blank}`);
  }
}

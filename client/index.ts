export type { Problem } from '../domain/errors.ts';
export type { EndReason, Phase } from '../domain/phases.ts';
export type { Plan } from '../domain/plan.ts';
export type { EventStatus } from '../domain/report.ts';
export { ShowcallerClient } from './client.ts';
export type { PhaseCount } from './counts.ts';
export {
  BookedError,
  InvalidCursorError,
  InvalidPlanError,
  NoSuchEventError,
  NoSuchScheduleError,
  OverBudgetError,
  RefusedError,
  UnreadBudgetError,
} from './errors.ts';
export type { EventFilter, EventPage, EventSummary, PageRequest } from './listing.ts';
export type { CalendarInput, Overlap, ScheduleInput, ScheduleSpec } from './schedules/input.ts';
export { ShowcallerSchedules, type Triggered } from './schedules/schedules.ts';
export type { ScheduleView, Show } from './schedules/view.ts';
export type { EventHandle, StartOptions } from './starts.ts';
export type { LastSweep } from './sweep.ts';

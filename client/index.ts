export type { Problem } from '../domain/errors.ts';
export type { EndReason, Phase } from '../domain/lifecycle.ts';
export type { Plan } from '../domain/plan.ts';
export type { EventStatus } from '../domain/report.ts';
export { type EventHandle, type EventSummary, ShowcallerClient, type StartOptions } from './client.ts';
export { InvalidPlanError, NoSuchEventError, NoSuchScheduleError, RefusedError } from './errors.ts';
export type { CalendarInput, Overlap, ScheduleInput, ScheduleSpec } from './schedule-input.ts';
export type { ScheduleView, Show } from './schedule-view.ts';
export { ShowcallerSchedules, type Triggered } from './schedules.ts';

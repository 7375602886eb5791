/** What Prometheus calls them has `_total` after counters and `_seconds` after histograms. */
export const names = {
  vendorCalls: 'showcaller_vendor_calls',
  vendorCallDuration: 'showcaller_vendor_call_duration',
  limiterWait: 'showcaller_limiter_wait',
  limiterShare: 'showcaller_limiter_share',
  pollerPolls: 'showcaller_hub_ticks',
  pollerRechecks: 'showcaller_hub_hints',
  pollerWatching: 'showcaller_hub_watching',
  onAir: 'showcaller_on_air',
  viewerLooks: 'showcaller_viewer_looks',
  stepAttempts: 'showcaller_step_attempts',
  stepAge: 'showcaller_step_age',
  sweepResources: 'showcaller_sweep_resources',
  sweepOrphaned: 'showcaller_sweep_orphans',
  sweepReleases: 'showcaller_sweep_releases',
  clockSkew: 'showcaller_clock_skew_seconds',
  sweepLooked: 'showcaller_sweep_looked_timestamp_seconds',
} as const;

const millisecondsUp = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Upper bounds in seconds; those of the SDK suit neither calls nor steps. Keys are parts of names. */
export const buckets: Readonly<Record<string, number[]>> = {
  [names.vendorCallDuration]: millisecondsUp,
  // A call is held for 20 s at most; one that would wait longer is sent back.
  [names.limiterWait]: [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 20, 60, 300],
  // Alert rules ask for 600 and 900.
  [names.stepAge]: [0.1, 0.5, 1, 5, 15, 60, 120, 300, 600, 900, 1800, 3600, 14_400, 86_400],
  showcaller_cue_lateness: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300],
  showcaller_first_segment: [1, 2, 4, 6, 8, 10, 15, 20, 30, 60, 120, 300],
  showcaller_viewer_gap: [1, 2, 5, 10, 30, 60, 120, 300, 600],
  showcaller_encoder_gap: [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600],
  workflow_task_schedule_to_start_latency: millisecondsUp,
  activity_schedule_to_start_latency: millisecondsUp,
};

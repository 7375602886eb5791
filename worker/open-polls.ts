/**
 * Leaves the polls of a worker that stops open for two seconds. The SDK ends them at once, unless the namespace says that the server completes
 * them (`worker_poll_complete_on_shutdown`; server 1.29 does not): a step that the server hands out in that moment is lost, and is tried again
 * after its heartbeat timeout, which is too late for a cue. Where there is much to do each poll gets its last task within that time.
 * Must be called before the worker is made; what the environment says counts.
 * https://github.com/temporalio/sdk-rust/blob/main/crates/sdk-core/src/pollers/poll_buffer.rs
 */
export function leavePollsOpen(env: Record<string, string | undefined> = process.env): void {
  env.TEMPORAL_POLL_SHUTDOWN_INTERRUPT_WAIT_MS ??= '2000';
}

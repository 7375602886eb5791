/** What a worker that leaves takes at most, one after the other, in milliseconds: for its last steps, */
export const lastStepsMs = 10_000;
/** for the calls that are under way, */
export const lastCallsMs = 40_000;
/** and to send its last traces. */
export const lastTracesMs = 4_000;

/** A container or service that gives it less time kills it. */
export const endsWithinMs = lastStepsMs + lastCallsMs + lastTracesMs;

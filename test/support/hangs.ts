/**
 * Only what hangs takes so long, on a machine however busy. No test has a limit of its own; the configurations of what plays
 * thousands of shows have longer ones.
 */
export const hangsAfterMs = 600_000;

/** What waits for something that never comes says what it waited for, before the test is ended: also where it began late in it. */
export const givesUpAfterMs = hangsAfterMs / 2;

/** The message of what was thrown, for a sentence of ours; libraries throw strings and plain objects too. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

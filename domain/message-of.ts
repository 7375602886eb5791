/** The message of what was thrown, for a sentence of ours; libraries throw strings and plain objects too. */
export function messageOf(thrown: unknown): string {
  if (isBug(thrown)) return `a bug in showcaller: ${thrown.name}: ${thrown.message}`;
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** An error of the code itself. Those of Node and of `fetch` are a TypeError too where an address is wrong or a network down, with a code or a cause. */
export const isBug = (thrown: unknown): thrown is TypeError | ReferenceError =>
  thrown instanceof ReferenceError ||
  (thrown instanceof TypeError && !('code' in thrown) && thrown.cause === undefined);

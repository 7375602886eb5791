/** Whether a call may be made now: so many a second of each operation; without a number, every one. */
export function callRate(callsPerSecond: number | undefined): (operation: string) => boolean {
  const calls = new Map<string, number[]>();
  return (operation) => {
    if (callsPerSecond === undefined) return true;
    const now = performance.now();
    const recent = (calls.get(operation) ?? []).filter((at) => now - at < 1000);
    const isFree = recent.length < callsPerSecond;
    calls.set(operation, isFree ? [...recent, now] : recent);
    return isFree;
  };
}

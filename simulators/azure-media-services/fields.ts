export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const tagsOf = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(objectOf(value)).map(([key, text]) => [key, String(text)]));

/** ISO 8601 without years and months, as the service takes it; undefined when it is not one. */
export function durationMs(value: unknown): number | undefined {
  const parts = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(String(value ?? ''));
  if (!parts || value === 'P' || value === 'PT') return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

/** Epoch milliseconds, with a fraction. */
export const preciseNow = (): number => Date.now() + (performance.now() % 1);

/**
 * Ticks of 100 ns, zeros at the end left out. recorded(https://github.com/Azure/azure-sdk-for-net#LiveEventBasicTests)
 */
export function armTime(at: number): string {
  const ms = Math.floor(at);
  const ticks = Math.floor((at - ms) * 10_000);
  const fraction = `${new Date(ms).toISOString().slice(20, 23)}${String(ticks).padStart(4, '0')}`.replace(/0+$/, '');
  const seconds = new Date(ms).toISOString().slice(0, 19);
  return fraction === '' ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}

/** Assets and locators are kept in a database whose clock has 300 ticks a second. recorded(https://github.com/Azure/azure-cli#test_ams_asset) */
export const databaseTime = (at: number): string => armTime(Math.round((Math.ceil((at * 3) / 10) * 10) / 3));

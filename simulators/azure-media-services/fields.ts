import { ArmError } from './errors.ts';

export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** documented(https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations) */
const tagLimits = { tags: 50, name: 512, value: 256 };
const reservedTagName = /^(microsoft|azure|windows)/i;

/** The tags of a resource; throws what the resource manager answers to tags that it does not take. */
export function tagsOf(value: unknown): Record<string, string> {
  const tags = Object.entries(objectOf(value)).map(([name, text]): [string, string] => [name, String(text)]);
  if (tags.length > tagLimits.tags)
    throw new ArmError('InvalidRequestContent', `A resource has at most ${tagLimits.tags} tags.`);
  for (const [name, text] of tags) {
    const problem = tagProblem(name, text);
    if (problem) throw new ArmError('InvalidRequestContent', `The tag '${name}' ${problem}.`);
  }
  return Object.fromEntries(tags);
}

function tagProblem(name: string, text: string): string | undefined {
  if (reservedTagName.test(name)) return 'begins with a word that is reserved for Azure';
  if (/[<>%&\\?/]/.test(name)) return 'has one of the characters < > % & \\ ? / in its name';
  if (name.length > tagLimits.name) return `has a name of more than ${tagLimits.name} characters`;
  if (text.length > tagLimits.value) return `has a value of more than ${tagLimits.value} characters`;
  return undefined;
}

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

import * as published from '@alicloud/oss20190517';
import { XMLParser } from 'fast-xml-parser';
import { foreignMembers, isObject, type Oracle, wrongType } from './oracle.ts';

/** As Alibaba's generated SDKs write a shape down: what its members are called on the wire, and their types. */
interface Model {
  names(): Readonly<Record<string, string>>;
  types(): Readonly<Record<string, MemberType>>;
}
type MemberType = string | Model | { type: string; itemType?: MemberType };

const model = (name: string): Model => {
  const found = (published as unknown as Readonly<Record<string, Model | undefined>>)[name];
  if (!found) throw new Error(`the published model has no ${name}`);
  return found;
};

/** The root of each answer, its shape, and the status by the pages of the reference. */
const answers: Readonly<Record<string, { status: number; root?: string; shape?: string }>> = {
  PutLiveChannel: { status: 200, root: 'CreateLiveChannelResult', shape: 'PutLiveChannelResponseBody' },
  GetLiveChannelInfo: { status: 200, root: 'LiveChannelConfiguration', shape: 'GetLiveChannelInfoResponseBody' },
  GetLiveChannelStat: { status: 200, root: 'LiveChannelStat', shape: 'GetLiveChannelStatResponseBody' },
  GetLiveChannelHistory: { status: 200, root: 'LiveChannelHistory', shape: 'GetLiveChannelHistoryResponseBody' },
  ListLiveChannel: { status: 200, root: 'ListLiveChannelResult', shape: 'ListLiveChannelResponseBody' },
  PutLiveChannelStatus: { status: 200 },
  DeleteLiveChannel: { status: 204 },
  PostVodPlaylist: { status: 200 },
  GetVodPlaylist: { status: 200 },
  ListObjects: { status: 200, root: 'ListBucketResult', shape: 'ListObjectsResponseBody' },
  ListObjectsV2: { status: 200, root: 'ListBucketResult', shape: 'ListObjectsV2ResponseBody' },
  DeleteObject: { status: 204 },
};

/** Members of an error; the model of 2019 lacks the two that came later. https://www.alibabacloud.com/help/en/oss/developer-reference/error-responses */
const errorMembers = ['Code', 'Message', 'RequestId', 'HostId', 'EC', 'RecommendDoc'];

const parser = new XMLParser({ parseTagValue: false, ignoreAttributes: true, ignoreDeclaration: true });

export const ossOracle: Oracle = ({ operation, response }) => {
  const expected = answers[operation];
  const text = String(response.body ?? '');
  if (response.status >= 400) return text.startsWith('<?xml') ? errorOracle(text, operation) : [];
  if (!expected) return [];
  const { status, root, shape } = expected;
  if (response.status !== status) return [`${operation} answers ${response.status}, the reference says ${status}`];
  if (!root || !shape) return [];
  const parsed: unknown = parser.parse(text);
  const content = isObject(parsed) ? parsed[root] : undefined;
  return content === undefined ? [`${operation}: the root is not ${root}`] : violations(model(shape), content, root);
};

function errorOracle(text: string, operation: string): string[] {
  const parsed: unknown = parser.parse(text);
  const error = isObject(parsed) ? parsed.Error : undefined;
  if (!isObject(error)) return wrongType('an Error', parsed, operation);
  const missing = ['Code', 'Message', 'RequestId', 'HostId'].filter((name) => error[name] === undefined);
  return [...foreignMembers(error, errorMembers, 'Error'), ...missing.map((name) => `Error.${name} is missing`)];
}

function violations(shape: Model, value: unknown, path: string): string[] {
  if (value === '') return [];
  if (!isObject(value)) return wrongType('an element with children', value, path);
  const names = shape.names();
  const types = shape.types();
  const known = Object.values(names);
  return [
    ...foreignMembers(value, known, path),
    ...Object.entries(names).flatMap(([member, name]) =>
      value[name] === undefined ? [] : memberViolations(types[member] ?? 'any', value[name], `${path}.${name}`),
    ),
  ];
}

function memberViolations(type: MemberType, value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => memberViolations(type, one, path));
  if (typeof type === 'object' && 'itemType' in type) return memberViolations(type.itemType ?? 'any', value, path);
  if (typeof type === 'function') return violations(type, value, path);
  if (typeof value !== 'string') return type === 'any' ? [] : wrongType(`a ${String(type)}`, value, path);
  if (type === 'number' && !/^\d+$/.test(value)) return wrongType('a number', value, path);
  if (type === 'boolean' && !/^(true|false)$/.test(value)) return wrongType('true or false', value, path);
  if (/(Time|LastModified)$/.test(path) && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/.test(value)) {
    return wrongType('an instant of whole seconds that ends in .000Z', value, path);
  }
  return [];
}

import * as ivs from '@aws-sdk/client-ivs';
import { foreignMembers, isInstant, isObject, jsonOf, type Oracle, wrongType } from './oracle.ts';

/** How the SDK writes schemas down: simple types are numbers, shapes are arrays that begin with their kind. */
type Schema = number | string | readonly unknown[] | (() => Schema);
const kinds = { list: 1, map: 2, struct: 3, union: 4, error: -3, operation: 9 } as const;
const simple = { text: 0, number: 1, boolean: 2, instant: 5 } as const;
const modifiers = { list: 64, map: 128 } as const;

const exported = ivs as unknown as Readonly<Record<string, Schema | undefined>>;
const schemaOf = (name: string): readonly unknown[] | undefined => {
  const found = exported[`${name}$`];
  return Array.isArray(found) ? found : undefined;
};

const enums = ivs as unknown as Readonly<Record<string, Record<string, string> | undefined>>;
/** The schemas do not say which texts are enumerations. */
const enumerations: Readonly<Record<string, string>> = {
  'Channel.latencyMode': 'ChannelLatencyMode',
  'Channel.type': 'ChannelType',
  'Channel.containerFormat': 'ContainerFormat',
  'Stream.state': 'StreamState',
  'Stream.health': 'StreamHealth',
  'StreamSummary.state': 'StreamState',
  'StreamSummary.health': 'StreamHealth',
  'RecordingConfiguration.state': 'RecordingConfigurationState',
};

/** What AWS answers before a request comes to the service; no model of the service has it. */
const inFront = new Set([
  'MissingAuthenticationTokenException',
  'IncompleteSignatureException',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'UnknownOperationException',
]);

export const ivsOracle: Oracle = (exchange) => {
  const operation = schemaOf(exchange.operation);
  if (operation?.[0] !== kinds.operation) return [];
  const { status } = exchange.response;
  if (status >= 400) return errorOracle(exchange);
  const [, , , traits, , output] = operation as readonly [unknown, unknown, unknown, Traits, Schema, () => Schema];
  const declared = traits.http[2];
  const body = jsonOf(exchange);
  if (status !== declared) return [`${exchange.operation} answers ${status}, the model says ${declared}`];
  const schema = output();
  if (schema === 'unit') return body === undefined ? [] : [`${exchange.operation} has no body in the model`];
  return violations(schema, body, exchange.operation);
};

interface Traits {
  http: readonly [string, string, number];
}

const errorOracle: Oracle = (exchange) => {
  const { headers = {}, status } = exchange.response;
  const code = String(headers['x-amzn-errortype'] ?? '').split(':')[0] ?? '';
  if (inFront.has(code)) return [];
  const schema = schemaOf(code);
  if (schema?.[0] !== kinds.error) return [`${code} is no error of the model`];
  const [, , , traits, names, types] = schema as readonly [unknown, unknown, unknown, ErrorTraits, string[], Schema[]];
  const inBody = names.filter((_name, index) => !Array.isArray(types[index]));
  const body = jsonOf(exchange);
  return [
    ...(status === traits.httpError ? [] : [`${code} comes with ${status}, the model says ${traits.httpError}`]),
    ...(isObject(body) ? foreignMembers(body, inBody, code) : wrongType('an object', body, code)),
  ];
};

interface ErrorTraits {
  httpError: number;
}

function violations(given: Schema, value: unknown, path: string): string[] {
  const schema = resolved(given);
  if (value === null) return [];
  if (typeof schema === 'number') return simpleViolations(schema, value, path);
  if (!Array.isArray(schema)) return [];
  switch (schema[0]) {
    case kinds.list:
      return listViolations(schema[4] as Schema, value, path);
    case kinds.map:
      return isObject(value) ? [] : wrongType('a map', value, path);
    default:
      return structViolations(schema, value, path);
  }
}

/** A reference, or one with traits beside it. */
function resolved(schema: Schema): Schema {
  if (typeof schema === 'function') return resolved(schema());
  if (Array.isArray(schema) && typeof schema[0] === 'function') return resolved(schema[0] as () => Schema);
  if (Array.isArray(schema) && schema.length === 2) return resolved(schema[0] as Schema);
  if (Array.isArray(schema) && schema[0] === 0) return resolved(schema[4] as Schema);
  return schema;
}

function simpleViolations(schema: number, value: unknown, path: string): string[] {
  if (schema >= modifiers.map) return isObject(value) ? [] : wrongType('a map', value, path);
  if (schema >= modifiers.list) return listViolations(schema - modifiers.list, value, path);
  const ok: Partial<Record<number, [string, boolean]>> = {
    [simple.text]: ['a text', typeof value === 'string'],
    [simple.number]: ['a number', typeof value === 'number'],
    [simple.boolean]: ['a boolean', typeof value === 'boolean'],
    [simple.instant]: ['an instant', isInstant(value)],
  };
  const [wanted, right] = ok[schema] ?? ['', true];
  return right ? [] : wrongType(wanted, value, path);
}

const listViolations = (element: Schema, value: unknown, path: string): string[] =>
  Array.isArray(value)
    ? value.flatMap((one, index) => violations(element, one, `${path}[${index}]`))
    : wrongType('a list', value, path);

function structViolations(schema: readonly unknown[], value: unknown, path: string): string[] {
  if (!isObject(value)) return wrongType('an object', value, path);
  const [, , shape, , names, types, required = 0] = schema as readonly [
    unknown,
    unknown,
    string,
    unknown,
    string[],
    Schema[],
    number?,
  ];
  const missing = names.slice(0, required).filter((name) => value[name] === undefined);
  return [
    ...missing.map((name) => `${path}.${name} is missing`),
    ...foreignMembers(value, names, path),
    ...names.flatMap((name, index) => {
      const member = value[name];
      if (member === undefined) return [];
      return [...violations(types[index] ?? 0, member, `${path}.${name}`), ...enumViolation(shape, name, member, path)];
    }),
  ];
}

function enumViolation(shape: string, name: string, value: unknown, path: string): string[] {
  const allowed = enums[enumerations[`${shape}.${name}`] ?? ''];
  return allowed && !Object.values(allowed).includes(String(value))
    ? wrongType(`one of ${Object.values(allowed)}`, value, `${path}.${name}`)
    : [];
}

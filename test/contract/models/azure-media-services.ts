import type { CompositeMapper, Mapper, OperationSpec } from '@azure/core-client';
import { captureSpecs } from './azure-specs.ts';
import { isInstant, isObject, jsonOf, type Oracle, wrongType } from './oracle.ts';

/** The operations that Microsoft's model of api-version 2022-08-01 has, by their names; each with what it may answer. */
export const specs: ReadonlyMap<string, OperationSpec> = await captureSpecs();

/** The mappers of the model by class name. */
const mappers = (): Readonly<Record<string, Mapper>> => [...specs.values()][0]?.serializer.modelMappers ?? {};

export const azureOracle: Oracle = (exchange) => {
  const { operation, response } = exchange;
  const spec = specs.get(operation);
  if (!spec) return [];
  const described = spec.responses[response.status];
  if (!described && response.status < 400) return [`${operation} answers ${response.status}, which the model lacks`];
  const mapper = (described ?? spec.responses.default)?.bodyMapper;
  const body = jsonOf(exchange);
  if (!mapper || body === undefined) return body === undefined ? [] : [`${operation}: the model has no body here`];
  return violations(mapper, body, operation);
};

function violations(mapper: Mapper, value: unknown, path: string): string[] {
  const { type } = mapper;
  if (value === null) return mapper.required ? [`${path} is null and required`] : [];
  switch (type.name) {
    case 'Composite':
      return isObject(value) ? members(mapper as CompositeMapper, value, path) : wrongType('an object', value, path);
    case 'Sequence': {
      const { element } = type as { element?: Mapper };
      if (!Array.isArray(value)) return wrongType('a list', value, path);
      return element ? value.flatMap((one, index) => violations(element, one, `${path}[${index}]`)) : [];
    }
    case 'Dictionary':
      return isObject(value) ? [] : wrongType('a dictionary', value, path);
    case 'Number':
      return typeof value === 'number' ? [] : wrongType('a number', value, path);
    case 'Boolean':
      return typeof value === 'boolean' ? [] : wrongType('a boolean', value, path);
    case 'DateTime':
      return isInstant(value) ? [] : wrongType('an instant', value, path);
    case 'TimeSpan':
      return /^P(?!$)/.test(String(value)) ? [] : wrongType('a duration', value, path);
    case 'Enum':
      return (type as { allowedValues?: unknown[] }).allowedValues?.includes(value) === false
        ? wrongType('one of its values', value, path)
        : [];
    case 'String':
    case 'Uuid':
      return typeof value === 'string' ? [] : wrongType('a text', value, path);
    default:
      return [];
  }
}

interface Node {
  mapper?: Mapper;
  below: Map<string, Node>;
}

/** `properties.input` in a mapper is `input` inside `properties` on the wire. */
function treeOf(mapper: CompositeMapper): Node {
  const root: Node = { below: new Map() };
  for (const member of Object.values(modelProperties(mapper))) {
    let node = root;
    for (const name of (member.serializedName ?? '').split(/(?<!\\)\./).map((part) => part.replace(/\\/g, ''))) {
      const next: Node = node.below.get(name) ?? { below: new Map() };
      node.below.set(name, next);
      node = next;
    }
    node.mapper = member;
  }
  return root;
}

function modelProperties({ type }: CompositeMapper): Record<string, Mapper> {
  if (type.modelProperties) return type.modelProperties;
  const named = type.className ? (mappers()[type.className] as CompositeMapper | undefined) : undefined;
  return named?.type.modelProperties ?? {};
}

const members = (mapper: CompositeMapper, value: Record<string, unknown>, path: string): string[] =>
  nodeViolations(treeOf(mapper), value, path);

function nodeViolations({ below }: Node, value: Record<string, unknown>, path: string): string[] {
  const missing = [...below]
    .filter(([name, node]) => node.mapper?.required && value[name] === undefined)
    .map(([name]) => `${path}.${name} is missing`);
  const present = Object.entries(value).flatMap(([name, inner]) => {
    const node = below.get(name);
    const at = `${path}.${name}`;
    if (!node) return [`${at} is not in the model`];
    if (node.mapper) return violations(node.mapper, inner, at);
    return isObject(inner) ? nodeViolations(node, inner, at) : wrongType('an object', inner, at);
  });
  return [...missing, ...present];
}

/** Wire paths of what only the service may say in a resource. */
export function readOnlyPaths(className: string): string[] {
  const mapper = mappers()[className] as CompositeMapper | undefined;
  return mapper ? readOnlyBelow(mapper, '') : [];
}

const readOnlyBelow = (mapper: CompositeMapper, prefix: string): string[] =>
  Object.values(modelProperties(mapper)).flatMap((member) => {
    const path = `${prefix}${member.serializedName}`;
    if (member.readOnly) return [path];
    return member.type.name === 'Composite' ? readOnlyBelow(member as CompositeMapper, `${path}.`) : [];
  });

import { setTimeout as delay } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import type { Connection } from '@temporalio/client';
import { messageOf } from '../domain/message-of.ts';
import { searchAttributes } from '../workflows/search-attributes.ts';
import { type AttributeKey, cliTypeOf, wireTypeOf } from './attribute-types.ts';
import { grpcCodeOf } from './connection-error.ts';

/** The two services it needs: a client's connection has them, and a worker's. */
export type OperatorConnection = Pick<Connection, 'operatorService' | 'workflowService' | 'withDeadline'>;

/** Those of ours. */
export const wantedAttributes: readonly AttributeKey[] = Object.values(searchAttributes);

const callTimeoutMs = 10_000;
/** Servers refresh their view of search attributes about once a minute. */
const usableTimeoutMs = 120_000;
const lookAgainMs = 100;

/**
 * Registers the missing search attributes and resolves when every one is listed and can be searched by. Doing it twice,
 * or from two processes at once, is fine.
 *
 * @returns the names it registered.
 * @throws Error when a name exists with another type, or when we may not register: with the commands that do it by hand.
 */
export async function ensureSearchAttributes(connection: OperatorConnection, namespace: string): Promise<string[]> {
  const wanted = wantedAttributes;
  const missing = await missingOf(connection, namespace, wanted);
  if (missing.length > 0) {
    await register(connection, namespace, missing);
  }
  await untilUsable(connection, namespace, wanted);
  return missing.map((key) => key.name);
}

async function missingOf(
  connection: OperatorConnection,
  namespace: string,
  wanted: readonly AttributeKey[],
): Promise<AttributeKey[]> {
  const { customAttributes } = await call(connection, () =>
    connection.operatorService.listSearchAttributes({ namespace }),
  ).catch((cause) => {
    throw failure(`The search attributes of namespace '${namespace}' cannot be listed`, namespace, wanted, cause);
  });
  const clashing = wanted.filter((key) => {
    const type = customAttributes[key.name];
    return type !== undefined && type !== wireTypeOf(key);
  });
  if (clashing.length > 0) {
    const names = clashing.map((key) => `${key.name} (we need ${cliTypeOf(key)})`).join(', ');
    throw new Error(
      `Namespace '${namespace}' has search attributes of our names with other types: ${names} — remove them ` +
        '(temporal operator search-attribute remove --name …), or use another namespace',
    );
  }
  return wanted.filter((key) => customAttributes[key.name] === undefined);
}

async function register(
  connection: OperatorConnection,
  namespace: string,
  missing: readonly AttributeKey[],
): Promise<void> {
  const types = missing.map((key) => [key.name, wireTypeOf(key)]);
  try {
    await call(connection, () =>
      connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(types) }),
    );
  } catch (cause) {
    if (grpcCodeOf(cause) === status.ALREADY_EXISTS) return;
    throw failure(`Search attributes cannot be registered in namespace '${namespace}'`, namespace, missing, cause);
  }
}

async function untilUsable(
  connection: OperatorConnection,
  namespace: string,
  wanted: readonly AttributeKey[],
): Promise<void> {
  const deadline = performance.now() + usableTimeoutMs;
  for (;;) {
    const missing = await missingOf(connection, namespace, wanted);
    const refusal = missing.length === 0 ? await searchRefusal(connection, namespace, wanted) : undefined;
    if (missing.length === 0 && refusal === undefined) return;
    if (performance.now() > deadline) {
      const what = refusal?.message ?? `not listed: ${missing.map((key) => key.name).join(', ')}`;
      throw new Error(
        `The search attributes of namespace '${namespace}' were registered but could not be used within ` +
          `${usableTimeoutMs / 1000} s: ${what} — try again in a minute`,
        { cause: refusal },
      );
    }
    await delay(lookAgainMs);
  }
}

/** Listed is not usable: the part that answers searches learns of it later. */
async function searchRefusal(
  connection: OperatorConnection,
  namespace: string,
  wanted: readonly AttributeKey[],
): Promise<Error | undefined> {
  const query = wanted.map((key) => `${key.name} IS NULL`).join(' AND ');
  try {
    await call(connection, () => connection.workflowService.countWorkflowExecutions({ namespace, query }));
    return undefined;
  } catch (error) {
    // A client that may not search cannot check more than that they are listed.
    return refusals.includes(grpcCodeOf(error)) ? undefined : (error as Error);
  }
}

/** Codes that a retry does not change: it needs other rights, or another tool. */
const refusals: readonly (number | undefined)[] = [
  status.PERMISSION_DENIED,
  status.UNAUTHENTICATED,
  status.UNIMPLEMENTED,
];

function failure(what: string, namespace: string, keys: readonly AttributeKey[], cause: unknown): Error {
  const why = messageOf(cause);
  if (!refusals.includes(grpcCodeOf(cause))) return new Error(`${what}: ${why} — try again`, { cause });
  const commands = keys.map((key) => {
    const what = `--namespace ${namespace} --name ${key.name} --type ${cliTypeOf(key)}`;
    return `  temporal operator search-attribute create ${what}`;
  });
  return new Error([`${what}: ${why}`, 'An account that may do so has to run:', ...commands].join('\n'), { cause });
}

const call = <T>(connection: OperatorConnection, send: () => Promise<T>): Promise<T> =>
  connection.withDeadline(Date.now() + callTimeoutMs, send);

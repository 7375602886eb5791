import { Connection } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Connected, connect } from '../../../temporal/connection.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../../temporal/dev-server/embedded-server.ts';
import { ensureSearchAttributes, type OperatorConnection } from '../../../temporal/search-attributes.ts';
import { searchAttributes } from '../../../workflows/search-attributes.ts';
import { until } from '../../support/until.ts';

const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_')));
const names = Object.values(searchAttributes).map((key) => key.name);
let server: EmbeddedServer;
let connected: Connected;

beforeAll(async () => {
  server = await startEmbeddedServer({ env });
  connected = await connect({ address: server.address, env });
});
afterAll(async () => {
  await connected.connection.close();
  await server.stop();
});

/** A server that refuses one call with a gRPC status. */
function refusing(method: 'listSearchAttributes' | 'addSearchAttributes', code: number): OperatorConnection {
  const answers = {
    listSearchAttributes: async () => ({ customAttributes: {} }),
    addSearchAttributes: async () => ({}),
    [method]: async () => {
      throw Object.assign(new Error('not for you'), { code });
    },
  };
  return { operatorService: answers, withDeadline: (_: unknown, send: () => unknown) => send() } as never;
}

describe('search attributes', () => {
  test('registered by two at once, then again, are there once and can be used and searched by', async () => {
    const both = await Promise.all([
      ensureSearchAttributes(connected.connection, 'default'),
      ensureSearchAttributes(connected.connection, 'default'),
    ]);
    expect(both.flat()).toEqual(expect.arrayContaining(names));
    expect(await ensureSearchAttributes(connected.connection, 'default')).toEqual([]);

    await connected.client.workflow.start('liveEvent', {
      taskQueue: 'nobody',
      workflowId: 'searched',
      typedSearchAttributes: new TypedSearchAttributes([
        { key: searchAttributes.vendor, value: 'aws-ivs' },
        { key: searchAttributes.startsAt, value: new Date() },
      ]),
    });
    await until(async () => (await connected.client.workflow.count(`ShowcallerVendor = 'aws-ivs'`)).count === 1);
  });

  test('given at start are there before they are registered', async () => {
    const own = await startEmbeddedServer({ env, searchAttributes: Object.values(searchAttributes) });
    const connection = await Connection.connect({ address: own.address });
    try {
      expect(await ensureSearchAttributes(connection, 'default')).toEqual([]);
    } finally {
      await connection.close();
      await own.stop();
    }
  });

  test('that exist with another type are refused by name', async () => {
    const own = await startEmbeddedServer({ env, searchAttributes: [{ name: 'ShowcallerPhase', type: 'INT' }] });
    const connection = await Connection.connect({ address: own.address });
    try {
      await expect(ensureSearchAttributes(connection, 'default')).rejects.toThrow(
        /other types: ShowcallerPhase \(we need Keyword\) — remove them/,
      );
    } finally {
      await connection.close();
      await own.stop();
    }
  });

  test('that another process registered in the same moment are fine', async () => {
    const wire = { KEYWORD: 2, DATETIME: 6 };
    const all = Object.fromEntries(Object.values(searchAttributes).map(({ name, type }) => [name, wire[type]]));
    let listed: Record<string, number> = {};
    const operatorService = {
      listSearchAttributes: async () => ({ customAttributes: listed }),
      addSearchAttributes: async () => {
        listed = all;
        throw Object.assign(new Error('already there'), { code: 6 });
      },
    };
    const workflowService = { countWorkflowExecutions: async () => ({}) };
    const withDeadline = (_: unknown, send: () => unknown) => send();
    const connection = { operatorService, workflowService, withDeadline } as never;
    expect(await ensureSearchAttributes(connection, 'studio')).toEqual(names);
  });

  test('that we may not register come with the commands for an administrator', async () => {
    const error = await ensureSearchAttributes(refusing('addSearchAttributes', 7), 'studio').catch((e: Error) => e);
    for (const name of names) {
      expect((error as Error).message).toContain(
        `temporal operator search-attribute create --namespace studio --name ${name} --type `,
      );
    }
    expect((error as Error).message).toMatch(/ShowcallerStartsAt --type Datetime/);
  });

  test('that a server cannot even list come with the commands too', async () => {
    await expect(ensureSearchAttributes(refusing('listSearchAttributes', 12), 'studio')).rejects.toThrow(
      /cannot be listed: not for you\nAn account that may do so has to run:/,
    );
  });

  test('that could not be registered for a passing reason ask for another try, not for another person', async () => {
    const error = await ensureSearchAttributes(refusing('addSearchAttributes', 14), 'studio').catch((e: Error) => e);
    expect((error as Error).message).toMatch(/try again$/);
    expect((error as Error).message).not.toContain('search-attribute create');
  });
});

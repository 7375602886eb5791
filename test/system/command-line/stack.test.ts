import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startStack } from '../../../cli/stack.ts';
import { workersSeen } from '../../../client/workers.ts';
import { defaultTaskQueue } from '../../../domain/ids.ts';
import { connect } from '../../../temporal/connection.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../../temporal/dev-server/embedded-server.ts';
import { wantedAttributes } from '../../../temporal/search-attributes.ts';
import { vendors } from '../../../vendors/registry.ts';
import { until } from '../../support/until.ts';

it('a stack for named vendors, as of a rehearsal, has the simulators of these alone, and loads no SDK of others', async () => {
  const loads = vendors.map((manifest) => vi.spyOn(manifest, 'load'));
  onTestFinished(() => {
    for (const load of loads) load.mockRestore();
  });
  const stack = await startStack({ vendors: ['alibaba-oss'], ui: false });
  onTestFinished(() => stack.stop());
  expect(stack.simulators.running.map(({ vendor }) => vendor)).toEqual(['alibaba-oss']);
  const loaded = vendors.filter((_, i) => loads[i]?.mock.calls.length !== 0);
  expect(loaded.map(({ name }) => name)).toEqual(['alibaba-oss']);
});

/** As a worker has it: Temporal takes no poll without a limit. */
const pollMs = 70_000;

describe('where TEMPORAL_ADDRESS names a Temporal', () => {
  const before = { ...process.env };
  let other: EmbeddedServer;

  beforeEach(async () => {
    other = await startEmbeddedServer({ searchAttributes: wantedAttributes });
    process.env.TEMPORAL_ADDRESS = other.address;
  });
  afterEach(async () => {
    process.env = before;
    await other.stop();
  });
  const clientOfOther = async () => {
    const connected = await connect({ address: other.address, namespace: other.namespace });
    onTestFinished(() => connected.connection.close());
    return connected.client;
  };

  it('no worker of simulators begins beside the workers of real shows, which would take its steps', async () => {
    const client = await clientOfOther();
    const poll = new AbortController();
    const asked = {
      namespace: other.namespace,
      taskQueue: { name: defaultTaskQueue },
      identity: 'the-real-one',
    };
    const polling = client.withDeadline(Date.now() + pollMs, () =>
      client.withAbortSignal(poll.signal, () => client.workflowService.pollWorkflowTaskQueue(asked)),
    );
    // It is ended with the test.
    polling.catch(() => undefined);
    await until(async () => (await workersSeen(client, defaultTaskQueue)).length > 0);
    await expect(startStack({ vendors: ['alibaba-oss'], ui: false })).rejects.toThrow(
      /workers on task queue showcaller \(the-real-one\).* — unset TEMPORAL_ADDRESS/,
    );
    poll.abort();
  });

  it('a stack begins there, also after another one; a rehearsal has a Temporal of its own, however this one is reached', async () => {
    const client = await clientOfOther();
    const first = await startStack({ vendors: ['alibaba-oss'], ui: false });
    expect(first.temporal).toMatchObject({ owned: false, address: other.address });
    await first.stop();
    const second = await startStack({ vendors: ['alibaba-oss'], ui: false });
    await second.stop();
    process.env.TEMPORAL_TLS = 'true';
    process.env.TEMPORAL_API_KEY = 'of the other';
    const own = await startStack({ vendors: ['alibaba-oss'], ui: false, own: 'it is a rehearsal' });
    onTestFinished(() => own.stop());
    expect(own.temporal.owned).toBe(true);
    const workers = await workersSeen(client, defaultTaskQueue);
    expect(workers.every(({ identity }) => identity.startsWith('simulators-'))).toBe(true);
  });
});

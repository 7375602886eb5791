import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stack, startStack } from '../../../cli/stack.ts';
import { startSubscriber, type TestSubscriber } from '../../simulation/webhooks/subscriber.ts';
import { newSecret } from '../../simulation/webhooks/webhooks-harness.ts';
import { planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';

/** What `showcaller dev` runs, in this process: the worker is the one that the command runs. */
describe('showcaller dev', () => {
  let folder: string;
  let subscriber: TestSubscriber;
  let stack: Stack;
  const before = { ...process.env };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'showcaller-dev-'));
    subscriber = await startSubscriber();
    const file = join(folder, 'showcaller.json');
    const accounts = { 'aws-ivs': { default: { region: 'eu-west-1', accessKeyId: 'a real one' } } };
    await writeFile(file, JSON.stringify({ accounts, webhooks: { ops: { url: subscriber.url } } }));
    process.env.SHOWCALLER_CONFIG = file;
    process.env.SHOWCALLER_WEBHOOK_OPS_SECRET = newSecret();
    process.env.SHOWCALLER_DEPLOYMENT = 'of-production';
    process.env.HTTP_PROXY = 'http://127.0.0.1:9';
    stack = await startStack({ timeScale: 0.1, ui: false, webhooks: true });
  });

  afterAll(async () => {
    process.env = before;
    await stack?.stop();
    await subscriber.close();
    await rm(folder, { recursive: true });
  });

  it('delivers webhooks of a plan that names a subscriber, with the accounts of the simulators alone', async () => {
    const plan = planFor({ vendor: 'aws-ivs', notify: ['ops'], waits: { firstConnect: '1s' } });
    await stack.client.start(plan);
    const report = await stack.client.result(plan.eventId);
    expect(report).toMatchObject({ endReason: 'encoder-never-connected', released: true, troubles: [] });
    const types = await until(() => {
      const received = subscriber.received.map(({ event }) => event.type);
      return received.some((type) => type.includes('ended')) && received;
    });
    expect(types).toEqual(expect.arrayContaining([expect.stringContaining('phase-changed')]));
  });
});

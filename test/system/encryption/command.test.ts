import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newKeyLine } from '../../../temporal/codec/keys.ts';
import { contains, textsIn } from '../../support/codec-harness.ts';
import { connectionFlags, showcaller, type WorkerProcess, workerProcess } from '../../support/processes.ts';
import { ShowHarness } from '../../support/show-harness.ts';
import { planFor } from '../../support/shows.ts';

const keys = { SHOWCALLER_CODEC_KEYS: newKeyLine('2026') };
const title = `Secret launch ${randomUUID()}`;

let harness: ShowHarness;
let worker: WorkerProcess;
beforeAll(async () => {
  harness = await ShowHarness.open({ vendors: ['alibaba-oss'], settings: () => keys });
  worker = await workerProcess(harness);
});
afterAll(async () => {
  await worker.stop();
  await harness.close();
});

describe('the command with a key', () => {
  it('starts an event that a worker with the key runs, prints its report, and prints nothing without the key', async () => {
    const plan = planFor({ title, duration: '5m', warmUp: '0s', startLead: '0s', waits: { firstConnect: '1s' } });
    const at = connectionFlags(harness);
    const input = JSON.stringify(plan);
    const { code, stdout } = await showcaller(['start', '-', '--wait', '--json', ...at], { env: keys, input });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ title, endReason: 'encoder-never-connected', released: true });

    const handle = harness.env.client.workflow.getHandle(`live-event/${plan.eventId}`);
    const texts = textsIn(await handle.fetchHistory());
    expect(contains(texts, plan.eventId)).toBe(true);
    expect(contains(texts, title)).toBe(false);

    const without = await showcaller(['status', plan.eventId, ...at]);
    expect(without.code).toBe(1);
    expect(without.stderr).toContain('encrypted with the key "2026", and no key is configured here');
  });
});

describe('showcaller codec', () => {
  it('makes keys, and decrypts without a token on loopback only', async () => {
    const [made, refused] = await Promise.all([
      showcaller(['codec', 'new-key', '--id', 'mine', '--json']),
      showcaller(['codec', 'serve', '--host', '0.0.0.0', '--port', '0'], { env: keys }),
    ]);
    expect(JSON.parse(made.stdout)).toMatchObject({ line: expect.stringMatching(/^mine:[A-Za-z0-9+/]{43}=$/) });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('every caller could decrypt') });
  });
});

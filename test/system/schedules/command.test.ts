import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { commandLine } from '../../support/processes.ts';
import { type Schedules, schedulesOf } from '../../support/schedules-harness.ts';

let env: TestEnvironment;
let shows: Schedules;
let folder: string;
const scheduleId = `cli-${crypto.randomUUID().slice(0, 8)}`;

beforeAll(async () => {
  env = await testEnvironment();
  shows = schedulesOf(env);
  folder = await mkdtemp(join(tmpdir(), 'showcaller-schedules-'));
  await writeFile(join(folder, 'plan.json'), JSON.stringify({ vendor: 'alibaba-oss', duration: '1h', warmUp: '15m' }));
});
afterAll(async () => {
  for (const eventId of await shows.schedules.describe(scheduleId).then(
    ({ running }) => running,
    () => [],
  )) {
    await env.client.workflow.getHandle(`live-event/${eventId}`).terminate('the test is over');
  }
  await shows.schedules.delete(scheduleId).catch(() => {});
  await env.close();
  await rm(folder, { recursive: true });
});

interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

const schedule = (...args: string[]): Promise<Answer> =>
  new Promise((resolve) => {
    const command = [...commandLine(), 'schedule', ...args];
    const environment = {
      ...process.env,
      USER: 'operator',
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TEMPORAL_NAMESPACE: inject('temporalNamespace'),
    };
    const child = execFile(process.execPath, command, { env: environment }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

const definition = (...more: string[]) => [
  scheduleId,
  join(folder, 'plan.json'),
  ...['--cron', '30 2 * * *', '--time-zone', 'Europe/Berlin', '--task-queue', env.taskQueue],
  ...more,
];

async function document<T = Record<string, unknown>>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await schedule(...args, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

describe('showcaller schedule', () => {
  it('asks for the overlap policy, because there is no right default', async () => {
    const { code, stderr } = await schedule('create', ...definition());
    expect(code).toBe(2);
    expect(stderr).toContain("required option '--overlap <policy>'");
  });

  it('shows five instants and warnings in a dry run, and makes nothing', async () => {
    const { code, stdout } = await schedule('create', ...definition('--overlap', 'skip', '--dry-run'));
    expect(code).toBe(0);
    expect(stdout).toContain('nothing was changed');
    expect(stdout.match(/T0[01]:30:00Z {2}\d{4}-\d\d-\d\d 02:30 \+0[12]:00/g)).toHaveLength(5);
    expect(stdout.match(/^ {2}warning .*(is skipped|comes twice)/gm)).toHaveLength(2);
    const { code: unknown } = await schedule('describe', scheduleId);
    expect(unknown).toBe(2);
  });

  it('prints every problem as JSON and exits with 2', async () => {
    const bad = definition('--overlap', 'skip', '--end-at', 'never', '--catch-up', '1s', '--json');
    const { code, stdout } = await schedule('create', ...bad);
    expect(code).toBe(2);
    const { error } = JSON.parse(stdout) as { error: { problems: { path: string }[] } };
    expect(error.problems.map(({ path }) => path)).toEqual(['spec.endAt', 'catchUp']);
  });

  it('makes, describes, lists, sets anew, pauses, resumes, triggers and deletes a recurring show', async () => {
    const made = await document('create', ...definition('--overlap', 'skip', '--note', 'for the test'));
    expect(made).toMatchObject({ scheduleId, overlap: 'skip', note: 'for the test', lead: '15m', catchUp: '1h' });
    expect(made.shows).toHaveLength(5);

    const updated = await document('update', ...definition('--overlap', 'buffer-one'));
    expect(updated).toMatchObject({ overlap: 'buffer-one', note: 'for the test' });

    await document('pause', scheduleId, '--note', 'summer');
    expect(await document('describe', scheduleId)).toMatchObject({ paused: true, note: 'operator: summer' });
    await document('resume', scheduleId);
    const text = (await schedule('describe', scheduleId)).stdout;
    expect(text).toContain('30 2 * * *  in Europe/Berlin');
    expect(text).not.toContain('PAUSED');

    const triggered = await document('trigger', scheduleId);
    expect(triggered).toMatchObject({ outcome: 'started' });
    const run = await env.client.workflow.getHandle(`live-event/${triggered.eventId}`).describe();
    expect(run.taskQueue).toBe(env.taskQueue);
    await env.client.workflow.getHandle(`live-event/${triggered.eventId}`).terminate('the test is over');

    const listed = await document<{ scheduleId: string }[]>('list');
    expect(listed.map((one) => one.scheduleId)).toContain(scheduleId);

    await document('delete', scheduleId);
    const again = await schedule('delete', scheduleId);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain(`there is no schedule ${scheduleId}`);
  });
});

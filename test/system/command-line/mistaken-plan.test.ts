import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../../domain/errors.ts';
import type { Plan } from '../../../domain/plan.ts';
import { findServer } from '../../../temporal/dev-server/find-server.ts';
import { runCommand } from '../../../temporal/dev-server/run-command.ts';
import { connectionFlags, showcaller } from '../../support/processes.ts';
import { ShowHarness, vendorNames } from '../../support/show-harness.ts';

let harness: ShowHarness;
let temporal: string;
beforeAll(async () => {
  harness = await ShowHarness.open();
  await harness.work();
  temporal = await temporalProgram();
});
afterAll(() => harness.close());

/** The program itself, also where the tests use a server that runs already. */
async function temporalProgram(): Promise<string> {
  const found = await findServer({ env: { ...process.env, TEMPORAL_ADDRESS: undefined }, log: () => {} });
  if (found.kind !== 'executable') throw new Error('the temporal program is not here');
  return found.path;
}

const mistakes = {
  vendor: 'vimeo',
  startsAt: '2026-12-01T18:00',
  duration: 'an hour',
  waits: { encoderLost: '-5m' },
  titel: 'Town hall',
};
const paths = Object.keys({ ...mistakes, 'waits.encoderLost': '' })
  .filter((path) => path !== 'waits')
  .sort();
const pathsOf = (problems: readonly Problem[]) => problems.map(({ path }) => path).sort();

describe('a plan with five mistakes', () => {
  it('is refused by the command with five problems in one JSON document, and exit code 2', async () => {
    const plan = { eventId: 'mistaken-by-command', ...mistakes };
    const args = ['start', '-', '--json', ...connectionFlags(harness)];
    const { code, stdout } = await showcaller(args, { input: JSON.stringify(plan) });
    expect(code).toBe(2);
    const { error } = JSON.parse(stdout) as { error: { name: string; problems: Problem[] } };
    expect(error.name).toBe('InvalidPlanError');
    expect(pathsOf(error.problems)).toEqual(paths);
    await expect(harness.env.showcaller.status(plan.eventId)).rejects.toThrow('there is no event');
  });

  it('is refused by the client with five problems', async () => {
    const plan = { eventId: 'mistaken-by-client', ...mistakes } as unknown as Plan;
    const refusal: unknown = await harness.env.showcaller.start(plan).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: 'InvalidPlanError' });
    expect(pathsOf((refusal as { problems: Problem[] }).problems)).toEqual(paths);
    await expect(harness.env.showcaller.status(plan.eventId ?? '')).rejects.toThrow('there is no event');
  });

  it('fails the run that was started by hand, with five problems', async () => {
    const eventId = `mistaken-by-hand-${harness.env.taskQueue}`;
    const { address, namespace, taskQueue } = harness.env;
    const at = ['--address', address, '--namespace', namespace, '--task-queue', taskQueue];
    const what = ['--type', 'liveEvent', '--workflow-id', `live-event/${eventId}`, '--input', JSON.stringify(mistakes)];
    await runCommand(temporal, ['workflow', 'start', ...at, ...what], { env: process.env, timeoutMs: 30_000 });
    const failure: unknown = await harness.env.client.workflow
      .getHandle(`live-event/${eventId}`)
      .result()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ cause: { type: 'invalid-plan', nonRetryable: true } });
    const { message, details } = (failure as { cause: { message: string; details: unknown[] } }).cause;
    expect(message).toContain('5 problems');
    expect(details[0]).toMatchObject({ eventId, phase: 'failed', endReason: 'invalid-plan', released: true });
    expect(pathsOf((details[1] as { problems: Problem[] }).problems)).toEqual(paths);
  });

  it('makes nothing at any vendor', () => {
    for (const vendor of vendorNames) {
      expect(harness.calls(vendor)).toEqual([]);
      expect(harness.left(vendor)).toEqual([]);
    }
  });
});

describe('a plan given by hand to the temporal command', () => {
  it('runs when it is right, with the event id of the workflow id', async () => {
    const eventId = `right-by-hand-${harness.env.taskQueue}`;
    const { address, namespace, taskQueue } = harness.env;
    const at = ['--address', address, '--namespace', namespace, '--task-queue', taskQueue];
    const plan = { vendor: 'alibaba-oss', duration: '5s', waits: { firstConnect: '1s' } };
    const what = ['--type', 'liveEvent', '--workflow-id', `live-event/${eventId}`, '--input', JSON.stringify(plan)];
    await runCommand(temporal, ['workflow', 'start', ...at, ...what], { env: process.env, timeoutMs: 30_000 });
    const report = await harness.env.showcaller.result(eventId);
    expect(report).toMatchObject({ eventId, endReason: 'encoder-never-connected', released: true });
  });
});

import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Plan } from '../../../domain/plan.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { type Finished, showcaller, started } from '../../support/processes.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { type ApiHarness, apiHarness } from '../api/api-harness.ts';

let api: ApiHarness;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'showcaller-api-'));
  // What it lists is everything that the server has.
  api = await apiHarness(fakeVendor().activities, {}, { server: 'own' });
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

const envOf = (token: string) => ({ SHOWCALLER_API: api.url, SHOWCALLER_API_TOKEN: api.token(token) });
const asCaller = (token: string, ...args: string[]) => showcaller(args, { env: envOf(token) });
const directly = (...args: string[]): Promise<Finished> => {
  const { address, namespace, taskQueue } = api.environment;
  return showcaller([...args, '--address', address, '--namespace', namespace, '--task-queue', taskQueue]);
};

async function planFile(plan: Plan & { eventId: string }): Promise<string> {
  const file = join(folder, `${plan.eventId}.json`);
  await writeFile(file, JSON.stringify(plan));
  return file;
}

const longPlan = () => planFor({ title: `Show ${Math.random()}`, duration: '1h', waits: { firstConnect: '1h' } });

async function waiting(plan: { eventId: string }): Promise<void> {
  await until(async () => (await api.environment.showcaller.status(plan.eventId)).phase === 'waiting-for-encoder');
}

/** Without what passes by between two commands. */
const lasting = ({ stdout }: Finished): unknown => {
  const { pending: _, evidence: __, vendorState: ___, conditions: ____, ...status } = JSON.parse(stdout);
  return status;
};

describe('the command line through the API', () => {
  it('starts, shows, extends and stops an event, in the name of the token', async () => {
    const plan = longPlan();
    const file = await planFile(plan);
    const dry = await asCaller('operator', 'start', file, '--dry-run');
    expect(dry.stdout).toContain(`nothing was started; this would be: ${plan.eventId}`);
    const made = await asCaller('operator', 'start', file);
    expect({ code: made.code, stdout: made.stdout }).toEqual({ code: 0, stdout: `started ${plan.eventId}\n` });
    expect((await asCaller('operator', 'start', file)).stdout).toContain('already there');
    const other = await planFile({ ...plan, title: 'another' });
    const refused = await asCaller('operator', 'start', other);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('it differs in title');
    await waiting(plan);

    const [here, there] = await Promise.all([
      directly('status', plan.eventId, '--json'),
      asCaller('viewer', 'status', plan.eventId, '--json'),
    ]);
    expect(lasting(there)).toEqual(lasting(here));

    const before = (await api.environment.showcaller.status(plan.eventId)).endsAt;
    expect((await asCaller('operator', 'extend', plan.eventId, '+10m', '--reason', 'late')).code).toBe(0);
    expect((await api.environment.showcaller.status(plan.eventId)).endsAt).toBe(before + 600_000);

    const stopped = await asCaller('operator', 'stop', plan.eventId, '--reason', 'over', '--by', 'ann');
    expect(stopped.stdout).toMatch(new RegExp(`^${plan.eventId}: `));
    const watched = await asCaller('viewer', 'watch', plan.eventId, '--json');
    const [report] = JSON.parse(watched.stdout) as EventStatus[];
    expect(report?.createdBy).toBe('operator');
    expect(report?.audit.map(({ action, by, reason }) => `${action} ${by}: ${reason}`)).toEqual([
      'extend operator: late',
      'stopNow operator on behalf of ann: over',
    ]);
  });

  it('lists what Temporal lists, filtered and searched the same', async () => {
    const [soon, later] = [planFor({ title: 'Soon', startsAt: '2031-03-01T10:00:00Z' }), longPlan()];
    await api.environment.showcaller.start(soon);
    await api.environment.showcaller.start(later);
    await waiting(later);
    const lines = [
      ['list', '--running', '-o', 'csv'],
      ['list', '--from', '2031-01-01T00:00:00Z', '--to', '2032-01-01T00:00:00Z', '-o', 'csv'],
      ['list', '--search', later.title ?? '', '-o', 'csv'],
    ];
    for (const line of lines) {
      await until(async () => {
        const [here, there] = await Promise.all([directly(...line), asCaller('viewer', ...line)]);
        return here.stdout === there.stdout && here.stdout.split('\n').length > 2;
      });
    }
    const found = await asCaller('viewer', 'list', '--search', 'soon', '-o', 'csv');
    expect(found.stdout.split('\n')[1]).toMatch(new RegExp(`^${soon.eventId},Soon,`));
    const query = await asCaller('viewer', 'list', '--query', 'true');
    expect(query.code).toBe(2);
    expect(query.stderr).toContain('not offered by the API');
    for (const { eventId } of [soon, later]) await api.environment.showcaller.cancel(eventId);
  });

  it('holds its caller to the roles and the tenant of the token', async () => {
    const plan = { ...longPlan(), tenant: api.otherTenant };
    expect((await asCaller('admin@bolt', 'start', await planFile(plan))).code).toBe(0);
    const denied = await asCaller('viewer', 'start', await planFile(longPlan()));
    expect(denied.code).toBe(1);
    expect(denied.stderr).toContain('operator');
    for (const command of [
      ['status', plan.eventId],
      ['stop', plan.eventId, '--reason', 'not mine'],
    ]) {
      const foreign = await asCaller('operator@acme', ...command);
      expect(foreign.code).toBe(2);
      expect(foreign.stderr).toContain(`there is no event ${plan.eventId}`);
    }
    // A caller of all tenants names it as `list` does.
    const list = await asCaller('viewer', 'list', '--running', '--search', plan.eventId, '-o', 'json');
    const [{ key } = { key: '' }] = JSON.parse(list.stdout) as { key: string }[];
    expect(key).toBe(`${api.otherTenant}/${plan.eventId}`);
    expect((await asCaller('operator', 'cancel', key, '--reason', 'enough')).code).toBe(0);
  });

  it('says what is wrong with the plan, the token and the address', async () => {
    const wrong = await asCaller('operator', 'start', await planFile(planFor({ duration: 'soon', vendor: 'nobody' })));
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/the plan has \d problems; nothing was started/);
    expect(wrong.stderr).toMatch(/\n {2}duration: /);
    expect(wrong.stderr).toMatch(/\n {2}vendor: /);
    const file = join(folder, 'token');
    await writeFile(file, `${api.token('viewer')}\n`);
    const byFile = await showcaller(['list', '--api', api.url], { env: { SHOWCALLER_API_TOKEN_FILE: file } });
    expect(byFile.code).toBe(0);
    const nameless = await showcaller(['list', '--api', api.url]);
    expect(nameless.code).toBe(1);
    expect(nameless.stderr).toContain('SHOWCALLER_API_TOKEN');
    const elsewhere = await showcaller(['list', '--api', 'http://127.0.0.1:1', '--token', 'x']);
    expect(elsewhere.code).toBe(1);
    expect(elsewhere.stderr).toContain('the API at http://127.0.0.1:1 could not be reached');
    for (const [args, words] of [
      [['list', '--api', 'http://shows.example'], 'must be https://'],
      [['list', '--api', api.url, '--address', 'a:7233'], 'give one of them'],
      [['list', '--token', 'x'], '--api'],
    ] as const) {
      const mistaken = await showcaller(args);
      expect(mistaken.code).toBe(2);
      expect(mistaken.stderr).toContain(words);
    }
    const past = await asCaller('viewer', 'sweep', '--dry-run');
    expect(past.code).toBe(2);
    expect(past.stderr).toContain('speaks to Temporal itself');
  });
});

describe('watch without ids', () => {
  /** What runs or begins soon, and one that begins next year. */
  async function shows() {
    const [running, far] = [longPlan(), planFor({ startsAt: '2031-03-01T10:00:00Z' })];
    for (const plan of [running, far]) await api.environment.showcaller.start(plan);
    onTestFinished(() => api.environment.showcaller.cancel(far.eventId).then(() => undefined));
    return { running, far };
  }
  const over = (eventId: string) => new RegExp(`${eventId} .*cancelled`);

  it.each(['directly', 'through the API'])('says each change of all that run: %s', async (how) => {
    const { running, far } = await shows();
    const { address, namespace, taskQueue } = api.environment;
    const flags = ['--address', address, '--namespace', namespace, '--task-queue', taskQueue];
    const watch = started(
      how === 'directly' ? ['watch', ...flags] : ['watch'],
      how === 'directly' ? {} : envOf('viewer'),
    );
    await until(() => watch.output.stderr.includes(`${running.eventId}  `));
    await until(() => new RegExp(`${running.eventId} .*waiting-for-encoder`).test(watch.output.stderr));
    await api.environment.showcaller.cancel(running.eventId);
    await until(() => over(running.eventId).test(watch.output.stderr));
    expect(watch.output.stderr).not.toContain(far.eventId);
    watch.kill('SIGINT');
    await watch.ended;
  });

  it.skipIf(!existsSync('/usr/bin/script'))('redraws a table in a terminal', async () => {
    const { running } = await shows();
    const watch = started(['watch'], envOf('viewer'), { terminal: '' });
    const cleared = '\x1b[0J';
    const drawings = () => watch.output.stdout.split(cleared);
    await until(() => drawings().length > 2 && watch.output.stdout.includes(running.eventId));
    expect(watch.output.stdout).toContain('EVENT');
    expect(watch.output.stdout).toContain('seen at ');
    await api.environment.showcaller.cancel(running.eventId);
    await until(() => !drawings().at(-2)?.includes(running.eventId));
    watch.kill('SIGINT');
    await watch.ended;
  });
});

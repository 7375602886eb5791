import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { registerStart } from '../../../../cli/commands/start.ts';
import { UsageError } from '../../../../cli/io.ts';

afterEach(() => void vi.restoreAllMocks());

function planFile(plan: object): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'showcaller-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'plan.json');
  writeFileSync(file, JSON.stringify(plan));
  return file;
}

/** An API that accepts each plan and has these events, by the path that names each. */
async function apiWith(phases: Readonly<Record<string, string>>): Promise<string> {
  const checked = { eventId: 'final', vendor: 'aws-ivs', account: 'default', startsAt: 1, endsAt: 2, allocatesAt: 0 };
  const server = createServer(({ url = '' }, response) => {
    const phase = phases[url.replace('/v1/events/', '')];
    const found = url === '/v1/plans/check' ? checked : phase && { eventId: 'final', phase };
    const document = found ?? { type: 'urn:showcaller:problem:not-found', detail: 'there is no such event' };
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function run(args: readonly string[]): Promise<string> {
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  const program = new Command();
  registerStart(program);
  await program.parseAsync(['start', ...args], { from: 'user' });
  return printed;
}

const dryRun = async (plan: object, phases: Readonly<Record<string, string>>): Promise<unknown> => {
  const { there, wouldStart } = JSON.parse(
    await run([planFile(plan), '--dry-run', '--json', '--api', await apiWith(phases)]),
  ) as { there?: string; wouldStart: boolean };
  return { there, wouldStart };
};

describe('start --dry-run through the API', () => {
  it.each([
    ['live', 'RUNNING', false],
    ['completed', 'COMPLETED', false],
    ['failed', 'FAILED', true],
    ['cancelled', 'CANCELLED', true],
  ])('of an event that is %s says %s, and whether it would be started: %s', async (phase, there, wouldStart) => {
    expect(await dryRun({ eventId: 'final' }, { final: phase })).toEqual({ there, wouldStart });
  });

  it('looks where the tenant of the plan has events, and where an event without a tenant runs, as start does', async () => {
    const plan = { eventId: 'final', tenant: 'acme' };
    expect(await dryRun(plan, {})).toEqual({ wouldStart: true });
    expect(await dryRun(plan, { 'final?tenant=acme': 'live' })).toEqual({ there: 'RUNNING', wouldStart: false });
    expect(await dryRun(plan, { final: 'live' })).toEqual({ there: 'RUNNING', wouldStart: false });
    expect(await dryRun(plan, { 'final?tenant=acme': 'failed', final: 'live' })).toEqual({
      ...{ there: 'RUNNING', wouldStart: false },
    });
    expect(await dryRun(plan, { 'final?tenant=acme': 'failed' })).toEqual({ there: 'FAILED', wouldStart: true });
  });
});

it('--encoder without --rehearse is refused, because nothing would come of it', async () => {
  const started = run([planFile({ eventId: 'final' }), '--encoder', 'never', '--dry-run', '--api', await apiWith({})]);
  await expect(started).rejects.toThrow(UsageError);
  await expect(started).rejects.toThrow('--encoder is for rehearsals: give --rehearse too, or leave it out');
});

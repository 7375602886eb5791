import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { lookAhead } from '../../../activities/preflight.ts';
import { RunClock } from '../../../activities/run-clock.ts';
import { eventFor } from '../../../certify/steps.ts';
import { defaultBookingRules } from '../../../domain/booking/request.ts';
import { VendorError } from '../../../domain/errors.ts';
import type { VendorDriver } from '../../../vendors/driver.ts';
import { driverContext } from '../../support/accounts.ts';

const event = eventFor({ name: 'alibaba-oss' }, 'looked-at');
const healthy = async () => ({ findings: [], unseen: [] });

function depsWith(preflight: VendorDriver['preflight'], more: Partial<ActivityDeps> = {}): ActivityDeps {
  return {
    clock: new RunClock(),
    driver: async () => ({ preflight }) as unknown as VendorDriver,
    accounts: () => ['default'],
    secrets: () => ['a-secret-of-ours'],
    timeScale: 1,
    proofGraceMs: 0,
    http: driverContext.http,
    allAccounts: () => [],
    bookingRules: () => defaultBookingRules,
    subscribers: [],
    stopping: new AbortController().signal,
    ...more,
  };
}

const look = (deps: ActivityDeps, subscribers: string[] = []) => lookAhead(deps, event, { from: 0, subscribers });

/** A subscriber that answers with this status, and what it was asked. */
async function subscriber(status: number): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method}`);
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-path`, asked };
}

const named = (url: string) => ({ name: 'ops', url, types: [], isDefault: true, secrets: [] });

describe('the look at an account', () => {
  it('says which subscriber does not answer, without its address, and delivers nothing', async () => {
    const [gone, there] = [await subscriber(503), await subscriber(405)];
    const closed = 'http://127.0.0.1:9/secret-path';
    const ask = (url: string) => look(depsWith(healthy, { subscribers: [named(url)] }), ['ops']);
    expect((await ask(there.url)).findings).toEqual([]);
    expect(there.asked).toEqual(['OPTIONS']);
    for (const url of [gone.url, closed]) {
      const { findings } = await ask(url);
      expect(findings).toMatchObject([{ check: 'subscriber', message: expect.stringMatching(/^the subscriber ops /) }]);
      expect(JSON.stringify(findings)).not.toContain('secret-path');
    }
  });

  it('finds that this worker does not have a subscriber, and says that it asks no mailbox', async () => {
    for (const subscribers of [undefined, []]) {
      const { findings, unseen } = await look(depsWith(healthy, subscribers && { subscribers }), ['ops']);
      const message = 'this worker has no subscriber ops, and cannot deliver its webhooks';
      const advice = 'add it to the configuration of every worker of the task queue, as the plan names it';
      expect([findings, unseen]).toEqual([[{ check: 'subscriber', message, advice }], []]);
    }
    const mailbox = { ...named('smtps://mail.example'), format: 'email' as const };
    const { findings, unseen } = await look(depsWith(healthy, { subscribers: [mailbox] }), ['ops']);
    const reason = 'the subscriber ops is a mailbox: a mail server can be asked only by a mail';
    expect([findings, unseen]).toEqual([[], [{ check: 'subscriber', reason }]]);
  });

  it('is unseen when the vendor does not answer, and a finding when the account is not there', async () => {
    const facts = { vendor: 'alibaba-oss', operation: 'x', message: 'no answer', advice: 'wait' };
    const failing = (kind: 'unavailable' | 'unauthorized') =>
      look(depsWith(() => Promise.reject(new VendorError({ ...facts, kind }))));
    expect(await failing('unavailable')).toMatchObject({
      findings: [],
      unseen: [{ check: 'place', reason: 'no answer' }],
    });
    expect((await failing('unauthorized')).findings).toEqual([
      { check: 'credentials', message: 'no answer', advice: 'wait' },
    ]);
  });

  it('keeps secrets out of what it found', async () => {
    const found = { check: 'place' as const, message: 'a-secret-of-ours is in it', advice: 'a-secret-of-ours' };
    const { findings, unseen } = await look(
      depsWith(async () => ({ findings: [found], unseen: [{ check: 'quota', reason: 'a-secret-of-ours' }] })),
    );
    expect(JSON.stringify([findings, unseen])).not.toContain('a-secret-of-ours');
  });

  it('counts what is planned from the allocation to the end', async () => {
    const asked: unknown[] = [];
    const planned: ActivityDeps['planned'] = async (span, limit) => {
      asked.push([span, limit]);
      return { events: 7 };
    };
    const counts = depsWith(
      async (_event, count) => ({ findings: [], unseen: [{ check: 'quota', reason: JSON.stringify(await count(3)) }] }),
      { planned },
    );
    expect((await look(counts)).unseen).toEqual([{ check: 'quota', reason: '{"events":7}' }]);
    const { vendor, account, workflowId, endsAt } = event;
    expect(asked).toEqual([[{ vendor, account, workflowId, from: 0, to: endsAt }, 3]]);
  });
});

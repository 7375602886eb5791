import { CompleteAsyncError } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { orThrow } from '../../../../domain/configuration/checked.ts';
import { readSettings } from '../../../../domain/configuration/settings.ts';
import { VendorError } from '../../../../domain/errors.ts';
import { createLimiter } from '../../../../vendors/limiter.ts';
import { workerSettings } from '../../../../worker/config.ts';
import { ownerOf } from '../../../../worker/metrics/step-owner.ts';
import { outcomeOf } from '../../../../worker/metrics/steps.ts';
import { lineOf } from '../../../../worker/telemetry/runtime-log.ts';
import { telemetryOf } from '../../../../worker/telemetry/settings.ts';
import { noFiles } from '../../../support/accounts.ts';

const telemetryFrom = (env: Record<string, string>, metrics?: string) =>
  telemetryOf(orThrow(readSettings(workerSettings, { env, readFile: noFiles, flags: { metrics } })));

describe('where measurements go', () => {
  it('is nowhere, unless it is configured', () => {
    expect(telemetryFrom({})).toEqual({});
  });

  it('is Prometheus by the flag, which wins over the variable', () => {
    const env = { SHOWCALLER_METRICS: '0.0.0.0:9464' };
    expect(telemetryFrom(env).metrics).toEqual({ kind: 'prometheus', address: '0.0.0.0:9464' });
    expect(telemetryFrom(env, 'localhost:1').metrics).toEqual({ kind: 'prometheus', address: '127.0.0.1:1' });
  });

  it('is OTLP by the usual variables, each signal where it was sent to', () => {
    const base = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };
    expect(telemetryFrom(base)).toEqual({
      metrics: { kind: 'otlp', url: 'http://collector:4318/v1/metrics' },
      traces: { url: 'http://collector:4318/v1/traces', serviceName: 'showcaller-worker' },
    });
    expect(telemetryFrom({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces/' })).toEqual({
      traces: { url: 'https://traces/', serviceName: 'showcaller-worker' },
    });
  });

  it('can be both: metrics for Prometheus, traces by OTLP', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', SHOWCALLER_METRICS: '[::1]:9464' };
    expect(telemetryFrom(env).metrics).toEqual({ kind: 'prometheus', address: '[::1]:9464' });
    expect(telemetryFrom(env).traces).toBeDefined();
  });

  it.each(['9464', 'metrics.example:9464', '127.0.0.1:99999', '127.0.0.1'])(
    'refuses %s, saying what it takes',
    (given) => {
      expect(() => telemetryFrom({}, given)).toThrow('such as 127.0.0.1:9464');
    },
  );

  it('refuses a collector that is no http address', () => {
    expect(() => telemetryFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' })).toThrow('http(s) URL');
  });
});

describe('what an attempt is counted as', () => {
  it('is waiting when the goal takes time, and its kind when it failed', () => {
    const waiting = { category: ApplicationFailureCategory.BENIGN, type: 'not-yet', message: 'the channel to start' };
    expect(outcomeOf(ApplicationFailure.create(waiting))).toBe('waiting');
    expect(outcomeOf(ApplicationFailure.create({ type: 'throttled' }))).toBe('throttled');
    expect(outcomeOf(new CancelledFailure('stop'))).toBe('cancelled');
    expect(outcomeOf(new CompleteAsyncError())).toBe('elsewhere');
    expect(outcomeOf(new TypeError('a bug'))).toBe('unknown');
  });

  it('belongs to the account that its argument names, however deep', () => {
    const owner = { vendor: 'aws-ivs', account: 'default' };
    const ref = { ...owner, name: 'channel', workflowId: 'live-event/x' };
    for (const argument of [ref, { ref }, { channel: { ref } }, { channel: { ref }, until: 1 }]) {
      expect(ownerOf(argument)).toEqual(owner);
    }
  });

  it('has no labels before the plan is checked: what people type becomes no label', () => {
    expect(ownerOf({ plan: { vendor: 'anything', account: 'at all' }, workflowId: 'live-event/x' })).toBeUndefined();
    expect(ownerOf(undefined)).toBeUndefined();
  });
});

describe('the limiter', () => {
  it('reports how much of the documented rate it uses since the vendor throttled, until it is all again', () => {
    const shares: number[] = [];
    const limiter = createLimiter({ rates: () => ({ '*': 5 }), slowed: (_v, _a, _o, share) => shares.push(share) });
    const call = { vendor: 'v', account: 'a', operation: 'o', ms: 1 };
    limiter.settled(call);
    expect(shares).toEqual([]);
    limiter.settled({
      ...call,
      error: new VendorError({ kind: 'throttled', vendor: 'v', operation: 'o', message: '' }),
    });
    expect(shares).toEqual([0.5]);
    for (let calls = 0; calls < 100; calls += 1) limiter.settled(call);
    expect(shares.at(-1)).toBe(1);
    expect(shares.length).toBeLessThan(20);
  });
});

describe('a log line', () => {
  const entry = (meta: Record<string, unknown>) =>
    JSON.parse(lineOf({ level: 'WARN', timestampNanos: 1_000_000n, message: 'm', meta }, ['s3cret-of-the-account']));

  it('names the event and the run alike for runs and for steps', () => {
    const run = { eventId: 'show', workflowId: 'live-event/show', runId: 'r' };
    expect(entry({ workflowId: 'live-event/show', runId: 'r' })).toMatchObject(run);
    expect(entry({ workflowId: 'live-event/show', workflowRunId: 'r', taskToken: 'long', attempt: 2 })).toEqual({
      at: '1970-01-01T00:00:00.001Z',
      level: 'WARN',
      message: 'm',
      ...run,
      attempt: 2,
    });
  });

  it('steers no terminal, and says the same', () => {
    const attack = '\x1b[2J\x9b31m\u202e\u200b\u2028';
    const meta = { error: new Error(attack), note: { deep: attack } };
    const line = lineOf({ level: 'WARN', timestampNanos: 1n, message: attack, meta }, []);
    expect(line).toMatch(/^[ -~]+$/);
    expect(JSON.parse(line)).toMatchObject({ message: attack, error: attack, note: { deep: attack } });
  });

  it('never holds a secret that JSON writes in another way', () => {
    const meta = { note: 'refused pass"word\\1' };
    expect(lineOf({ level: 'WARN', timestampNanos: 1n, message: 'm', meta }, ['pass"word\\1'])).toContain(
      '"refused ***"',
    );
  });

  it('never holds a secret of an account, whatever repeated it', () => {
    const line = entry({ error: new Error('refused s3cret-of-the-account'), note: 's3cret-of-the-account' });
    expect(line).toMatchObject({ error: 'refused ***', note: '***', errorType: 'Error' });
  });
});

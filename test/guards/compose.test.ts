import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from '../../scripts/command.ts';
import { complaintAbout, ourArguments } from '../../scripts/command-lines.ts';
import { simulators } from '../../simulators/registry.ts';
import { endsWithinMs } from '../../worker/ending.ts';

interface Service {
  image?: string;
  build?: string;
  command?: string[];
  environment?: Record<string, string>;
  env_file?: { path: string; required: boolean }[];
  ports?: string[];
  depends_on?: Record<string, { condition: string }>;
  network_mode?: string;
  secrets?: string[];
  healthcheck?: { test?: string[]; disable?: boolean };
  stop_grace_period?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
}

interface Compose {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
}

const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const { services, secrets } = parse(text('docker-compose.yml'), { merge: true }) as Compose;
const all = Object.entries(services);
const ours = all.filter(([, { build }]) => build !== undefined);
const staying = all.filter(([name]) => name !== 'setup');

describe('docker-compose.yml', () => {
  it('brings up a database, Temporal and its UI, the simulators, a worker and the API', () => {
    expect(Object.keys(services)).toEqual([
      'postgres',
      'temporal',
      'temporal-ui',
      'simulators',
      'setup',
      'worker',
      'api',
    ]);
  });

  it.each(staying)('asks %s whether it is well', (_name, { healthcheck }) => {
    expect(healthcheck?.test?.length).toBeGreaterThan(1);
  });

  it.each(all)('has no secret in %s', (_name, { environment = {} }) => {
    const secret = Object.entries(environment).filter(([key]) => /PASSWORD|PWD|SECRET|TOKEN|KEY/.test(key));
    for (const [, value] of secret) expect(value).toMatch(/^(\$\{[A-Z_]+:\?[^}]+\}|\/run\/secrets\/[a-z-]+)$/);
  });

  it('reads the tokens of the API from a file that is mounted as a secret', () => {
    const file = services.api?.environment?.SHOWCALLER_API_TOKENS_FILE;
    expect(services.api?.secrets?.map((name) => `/run/secrets/${name}`)).toEqual([file]);
    expect(Object.keys(secrets)).toEqual(services.api?.secrets);
  });

  it.each(all)('opens ports of %s on loopback only', (_name, { ports = [] }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+(-\d+)?:\d+(-\d+)?$/);
  });

  it('opens two ports of each simulated vendor, inside the same as outside', () => {
    const [, first] = /--ports-from (\d+) --beyond-loopback/.exec(services.simulators?.command?.join(' ') ?? '') ?? [];
    const range = `${first}-${Number(first) + 2 * simulators.length - 1}`;
    expect(services.simulators?.ports).toContain(`127.0.0.1:${range}:${range}`);
  });

  it.each(all)('names the image of %s by version and digest, or builds it', (_name, { image, build }) => {
    if (build === undefined) expect(image).toMatch(/:\d+\.\d+\S*@sha256:[0-9a-f]{64}$/);
    else expect(build).toBe('.');
  });

  it('waits for what a service needs to be well, not only to be started', () => {
    const conditions = all.flatMap(([, { depends_on = {} }]) => Object.values(depends_on));
    expect(conditions.length).toBeGreaterThan(0);
    for (const { condition } of conditions) expect(condition).toBe('service_healthy');
  });

  it.each(['worker', 'api'])("gives %s the accounts of a file, and the simulators' loopback", (name) => {
    expect(services[name]?.env_file).toEqual([{ path: 'accounts.env', required: false }]);
    expect(services[name]?.network_mode).toBe('service:simulators');
  });

  it('gives a worker the time that it takes to let calls finish', () => {
    expect(Number.parseInt(services.worker?.stop_grace_period ?? '', 10) * 1000).toBeGreaterThan(endsWithinMs);
    const unit = /^TimeoutStopSec=(\d+)$/m.exec(readFileSync(join(root, 'docs/running.md'), 'utf8'))?.[1];
    expect(Number(unit) * 1000).toBeGreaterThan(endsWithinMs);
  });

  it.each(ours)('lets %s write nothing but scratch files, and gain no right', (_name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      tmpfs: ['/tmp'],
    });
  });

  it.each(ours)('runs a command of ours as %s, with flags that it has', async (_name, { command = [] }) => {
    const args = ourArguments(command);
    expect(args?.length).toBeGreaterThan(0);
    expect(await complaintAbout(args ?? [])).toBeUndefined();
  });
});

describe('the check of command lines', () => {
  it.each([
    ['a command that is not there', ['conduct'], "unknown command 'conduct'"],
    ['a command that only holds others', ['codec'], '(outputHelp)'],
    ['a flag that is not there', ['worker', '--fast'], "unknown option '--fast'"],
    ['a value that is not allowed', ['worker', '--log-level', 'LOUD'], '--log-level: must be "DEBUG" or'],
    ['a flag without its value', ['worker', '--health-port'], 'argument missing'],
  ])('finds %s', async (_what, args, complaint) => {
    expect(await complaintAbout(args)).toContain(complaint);
  });

  it('takes the arguments out of a line for the shell', () => {
    expect(ourArguments(['. /run/env && exec node dist/cli/main.js sim --json > /run/out'])).toEqual(['sim', '--json']);
    expect(ourArguments(['node', 'other.js', 'sim'])).toBeUndefined();
  });
});

describe('the repository', () => {
  it('does not take in the files that compose reads secrets from', () => {
    const ignored = text('.gitignore').split('\n');
    const files = Object.values(secrets).map(({ file }) => file.replace('./', ''));
    expect(ignored).toEqual(expect.arrayContaining(['.env', '*.env', ...files]));
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from '../../scripts/command.ts';

interface Service {
  image?: string;
  build?: string;
  environment?: Record<string, string>;
  env_file?: { path: string; required: boolean }[];
  ports?: string[];
  depends_on?: Record<string, { condition: string }>;
  network_mode?: string;
  healthcheck?: { test: string[] };
}

const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const { services } = parse(text('docker-compose.yml')) as { services: Record<string, Service> };
const all = Object.entries(services);
const dockerfile = text('Dockerfile').split('\n');

describe('docker-compose.yml', () => {
  it('brings up a database, Temporal and its UI, the simulators and a worker', () => {
    expect(Object.keys(services)).toEqual(['postgres', 'temporal', 'temporal-ui', 'simulators', 'worker']);
  });

  it.each(all)('asks %s whether it is well', (_name, { healthcheck }) => {
    expect(healthcheck?.test.length).toBeGreaterThan(1);
  });

  it.each(all)('has no secret in %s', (_name, { environment = {} }) => {
    const secrets = Object.entries(environment).filter(([key]) => /PASSWORD|PWD|SECRET|TOKEN|KEY/.test(key));
    for (const [, value] of secrets) expect(value).toMatch(/^\$\{[A-Z_]+:\?[^}]+\}$/);
  });

  it.each(all)('opens ports of %s on loopback only', (_name, { ports = [] }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it.each(all)('names an exact version of the image of %s, or builds it', (_name, { image, build }) => {
    if (build === undefined) expect(image).toMatch(/:\d+\.\d+/);
    else expect(build).toBe('.');
  });

  it('waits for what a service needs to be well, not only to be started', () => {
    const conditions = all.flatMap(([, { depends_on = {} }]) => Object.values(depends_on));
    expect(conditions.length).toBeGreaterThan(0);
    for (const { condition } of conditions) expect(condition).toBe('service_healthy');
  });

  it("gives the worker the accounts of a file, and the simulators' loopback", () => {
    expect(services.worker?.env_file).toEqual([{ path: 'accounts.env', required: false }]);
    expect(services.worker?.network_mode).toBe('service:simulators');
  });
});

describe('the image', () => {
  it('is built in one stage and run from another, by a user who is not root', () => {
    const stages = dockerfile.filter((line) => line.startsWith('FROM '));
    const users = dockerfile.filter((line) => line.startsWith('USER '));
    expect(stages).toHaveLength(2);
    expect(users.at(-1)).toBe('USER node');
    expect(dockerfile.lastIndexOf('USER node')).toBeGreaterThan(dockerfile.lastIndexOf(stages.at(-1) ?? ''));
  });

  it('takes neither secrets nor what was installed elsewhere from the folder it is built in', () => {
    const ignored = text('.dockerignore').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.env*', '*.env', '.git', 'node_modules', 'dist']));
  });

  it('keeps the development tools behind', () => {
    expect(dockerfile.join('\n')).toContain('npm prune --omit=dev');
  });
});

describe('the repository', () => {
  it('does not take in the files that compose reads secrets from', () => {
    const ignored = text('.gitignore').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.env', '*.env']));
  });
});

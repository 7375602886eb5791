import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../../temporal/connection.ts';
import { explainConnection } from '../../../temporal/connection-error.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../../temporal/dev-server/embedded-server.ts';
import { nativeConnect } from '../../../temporal/native-connection.ts';
import { connectSettings } from '../../../temporal/settings.ts';
import { scratchDir } from '../../support/scratch.ts';

const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_')));
let server: EmbeddedServer;
beforeAll(async () => {
  server = await startEmbeddedServer({ env, namespace: 'studio' });
});
afterAll(() => server.stop());

describe.each([
  ['a client', connect],
  ['a worker', nativeConnect],
])('%s', (_, connecting) => {
  test('connects to what the environment names', async () => {
    const named = { ...env, TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: 'studio' };
    const { connection, address, namespace } = await connecting({ env: named });
    expect({ address, namespace }).toEqual({ address: server.address, namespace: 'studio' });
    await connection.close();
  });

  test('prefers what it is given', async () => {
    const named = { ...env, TEMPORAL_ADDRESS: '127.0.0.1:1', TEMPORAL_NAMESPACE: 'nowhere' };
    const { connection, namespace } = await connecting({ env: named, address: server.address, namespace: 'studio' });
    expect(namespace).toBe('studio');
    await connection.close();
  });

  test('says which namespace is missing and how to make it', async () => {
    await expect(connecting({ env, address: server.address, namespace: 'nowhere' })).rejects.toThrow(
      /has no namespace 'nowhere' — check TEMPORAL_NAMESPACE, or make it: temporal operator namespace create --namespace nowhere/,
    );
  });

  test('says which address did not answer, who chose it and what to check', async () => {
    const named = { ...env, TEMPORAL_ADDRESS: '127.0.0.1:1' };
    await expect(connecting({ env: named, timeoutMs: 500 })).rejects.toThrow(
      /127\.0\.0\.1:1 \(from TEMPORAL_ADDRESS\) could not be reached within 0\.5 s: .* — check that it runs/,
    );
  });
});

describe('the settings', () => {
  test('without any are a local Temporal without TLS', () => {
    const settings = connectSettings({ env: { TEMPORAL_CONFIG_FILE: '/nonexistent' } });
    expect(settings).toMatchObject({ address: 'localhost:7233', namespace: 'default' });
    expect(settings.addressFrom).toContain('default');
    expect(settings.options.tls).toBeFalsy();
  });

  test('an API key switches TLS on', () => {
    const settings = connectSettings({ env: { TEMPORAL_ADDRESS: 'a:7233', TEMPORAL_API_KEY: 'k-e-y' } });
    expect(settings.options).toMatchObject({ tls: true, apiKey: 'k-e-y' });
  });

  test('a profile of a configuration file counts, and the message says so', async () => {
    const file = join(await scratchDir(), 'temporal.toml');
    await writeFile(file, '[profile.staging]\naddress = "staging:7233"\nnamespace = "staging-events"\n');
    const settings = connectSettings({ env: { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'staging' } });
    expect(settings).toMatchObject({ address: 'staging:7233', namespace: 'staging-events' });
    expect(settings.addressFrom).toContain('configuration file');
  });

  test('a configuration file that cannot be read is named as the culprit', async () => {
    const file = join(await scratchDir(), 'temporal.toml');
    await writeFile(file, 'not [ toml');
    expect(() => connectSettings({ env: { TEMPORAL_CONFIG_FILE: file } })).toThrow(/check TEMPORAL_CONFIG_FILE/);
  });

  test('no message about a refused connection carries the key', () => {
    const settings = connectSettings({ env: { TEMPORAL_ADDRESS: 'a:7233', TEMPORAL_API_KEY: 'k-e-y' } });
    for (const code of [5, 7, 14, 16]) {
      const error = explainConnection(Object.assign(new Error('refused'), { code }), settings);
      expect(error.message).toContain('a:7233');
      expect(error.message).not.toContain('k-e-y');
    }
  });

  test('a refusal says which credentials to check', () => {
    const settings = connectSettings({ env: { TEMPORAL_ADDRESS: 'a:7233' } });
    const cause = Object.assign(new Error('outer'), { cause: Object.assign(new Error('no'), { code: 16 }) });
    expect(explainConnection(cause, settings).message).toMatch(/check TEMPORAL_API_KEY or the client certificate/);
  });
});

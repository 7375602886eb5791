import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { commandLine, showcaller } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

async function scratchFile(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'showcaller-api-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'tokens.json');
  await writeFile(file, text);
  return file;
}

async function newToken(name: string): Promise<{ token: string; entry: unknown }> {
  const made = await showcaller(['api', 'new-token', '--name', name, '--role', 'operator', 'ingest', '--json']);
  expect(made.code).toBe(0);
  return JSON.parse(made.stdout);
}

/** `showcaller api` in a process of its own, once it listens. */
async function served(tokensFile: string) {
  const { PATH = '', HOME = '' } = process.env;
  const args = ['api', '--port', '0', '--address', inject('temporalAddress')];
  const child = spawn(process.execPath, [...commandLine(), ...args], {
    cwd: root,
    env: { PATH, HOME, TEMPORAL_NAMESPACE: inject('temporalNamespace'), SHOWCALLER_API_TOKENS_FILE: tokensFile },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const gone = once(child, 'close') as Promise<[number | null]>;
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const url = await until(() => {
    if (child.exitCode !== null) throw new Error(`the api ended at once: ${said}`);
    return /api on (http\S+),/.exec(said)?.[1];
  });
  return { url, child, gone, said: () => said };
}

describe('showcaller api', () => {
  it('knows the tokens of its file, reads it again, and ends its streams at SIGTERM', async () => {
    const [kept, withdrawn] = await Promise.all([newToken('kept'), newToken('withdrawn')]);
    const file = await scratchFile(JSON.stringify([kept.entry, withdrawn.entry]));
    const { url, child, gone, said } = await served(file);
    const ask = (path: string, { token }: { token: string }) =>
      fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    expect((await ask('/v1/events', withdrawn)).status).toBe(200);
    await writeFile(file, 'not JSON');
    // No signal: the file is looked at again when a token comes.
    await until(async () => {
      expect((await ask('/v1/events', withdrawn)).status).toBe(200);
      return said().includes('is not JSON; what it said before counts for 60 s more');
    });
    await writeFile(file, JSON.stringify([kept.entry]));
    await until(async () => (await ask('/v1/events', withdrawn)).status === 401);
    expect(await (await ask('/metrics', kept)).text()).toContain('showcaller_api_token_file_ok 1');
    await writeFile(file, JSON.stringify([kept.entry, 7]));
    await until(async () => (await (await ask('/metrics', kept)).text()).includes('showcaller_api_token_file_ok 0'));
    expect((await fetch(`${url}/hooks/aws-ivs?token=${kept.token}`, { method: 'POST' })).status).toBe(403);
    const stream = await ask('/v1/stream', kept);
    expect(stream.status).toBe(200);
    child.kill('SIGTERM');
    expect(await stream.text()).toContain('retry:');
    expect(await gone).toEqual([0, null]);
    expect(said()).not.toMatch(/sc_|earer|token=/);
  });
});

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../../temporal/connection.ts';
import { type EmbeddedServerOptions, startEmbeddedServer } from '../../../temporal/dev-server/embedded-server.ts';
import { isAlive, scratchDir, script } from '../../support/scratch.ts';
import { until } from '../../support/until.ts';

/** Nothing that the machine of the tests says about its own Temporal. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_')));

async function started(options: EmbeddedServerOptions = {}) {
  const server = await startEmbeddedServer({ env, ...options });
  onTestFinished(server.stop);
  return server;
}

async function environmentWith(program: string) {
  const bin = join(await scratchDir(), 'bin');
  await script(join(bin, 'temporal'), `[ "$1" = --version ] && exit 0\n${program}`);
  return { ...env, PATH: `${bin}:${env.PATH}` };
}

describe('an embedded Temporal server', () => {
  test('answers for its namespace when it is said to have started, and is gone when it is stopped', async () => {
    const server = await started({ namespace: 'rehearsal' });
    expect(server).toMatchObject({ owned: true, namespace: 'rehearsal', address: /^127\.0\.0\.1:\d+$/ });
    const { client, connection } = await connect({ address: server.address, namespace: 'rehearsal', env });
    expect((await client.workflow.count('')).count).toBe(0);
    await connection.close();
    expect(isAlive(server.pid ?? 0)).toBe(true);
    await server.stop();
    expect(isAlive(server.pid ?? 0)).toBe(false);
    await server.stop();
  });

  test('serves the web interface when asked', async () => {
    const server = await started({ ui: true });
    expect((await fetch(server.uiUrl ?? '')).status).toBe(200);
  });

  test('keeps what happened in its file over a crash', async () => {
    const dbFile = join(await scratchDir(), 'deeper', 'temporal.db');
    const first = await started({ dbFile });
    const before = await connect({ address: first.address, env });
    const start = { taskQueue: 'nobody', workflowId: 'kept' };
    await before.client.workflow.start('liveEvent', start);
    await before.connection.close();
    first.kill();
    await until(() => !isAlive(first.pid ?? 0));

    const second = await started({ dbFile });
    const after = await connect({ address: second.address, env });
    expect((await after.client.workflow.getHandle('kept').describe()).status.name).toBe('RUNNING');
    await after.connection.close();
  });

  test('dies with a parent that is killed without a chance to clean up', async () => {
    const url = new URL('../../../temporal/dev-server/embedded-server.ts', import.meta.url).href;
    const program = `
      const { startEmbeddedServer } = await import(${JSON.stringify(url)});
      const { pid } = await startEmbeddedServer();
      console.log(pid);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (data) => resolve(Number(data))));
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(pid));
  });

  test('does not keep a program alive that forgot it', async () => {
    const url = new URL('../../../temporal/dev-server/embedded-server.ts', import.meta.url).href;
    const program = `
      const { startEmbeddedServer } = await import(${JSON.stringify(url)});
      console.log((await startEmbeddedServer()).pid);`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    let out = '';
    parent.stdout.on('data', (data) => {
      out += data;
    });
    expect(await new Promise((resolve) => parent.once('exit', resolve))).toBe(0);
    await until(() => !isAlive(Number(out)));
  });

  test('reports what the server said when it ends at once, and does not try for ever', async () => {
    const broken = await environmentWith('echo "unknown flag: --sqlite-pragma" >&2; exit 2');
    await expect(startEmbeddedServer({ env: broken })).rejects.toThrow(
      /The Temporal server ended at once[\s\S]*server start-dev[\s\S]*unknown flag: --sqlite-pragma/,
    );
  });

  test('does not mistake another server on its port for itself', async () => {
    const foreign = createServer();
    await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void foreign.close());
    const address = foreign.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(startEmbeddedServer({ env, port })).rejects.toThrow(/address already in use/);
  });

  test('does not mistake another Temporal on its port for itself', async () => {
    const other = await started();
    const port = Number(other.address.split(':')[1]);
    await expect(startEmbeddedServer({ env, port })).rejects.toThrow(/address already in use/);
  });

  test('is the one that TEMPORAL_ADDRESS names, which is neither started nor stopped', async () => {
    const lines: string[] = [];
    const given = { TEMPORAL_ADDRESS: '127.0.0.1:1', TEMPORAL_NAMESPACE: 'theirs', PATH: '' };
    const server = await startEmbeddedServer({ env: given, log: (line) => lines.push(line) });
    expect(server).toMatchObject({ address: '127.0.0.1:1', namespace: 'theirs', owned: false });
    expect(server.pid).toBeUndefined();
    await server.stop();
    expect(lines.join()).toContain('TEMPORAL_ADDRESS');
  });
});

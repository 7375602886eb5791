import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newToken } from '../../api/auth/tokens.ts';
import type { Stand } from '../stand.ts';

export interface BenchApi {
  url: string;
  pid: number | undefined;
  /** Of as many callers: each has limits of its own. */
  tokens: string[];
  stop(): Promise<void>;
}

const callers = 32;

/** `showcaller api` in a process of its own, without accounts of vendors. */
export async function startApi({ address, namespace, taskQueue }: Stand): Promise<BenchApi> {
  const made = Array.from({ length: callers }, (_, n) => newToken({ name: `viewer-${n}`, roles: ['viewer'] }));
  const folder = await mkdtemp(join(tmpdir(), 'showcaller-bench-'));
  const file = join(folder, 'tokens.json');
  await writeFile(file, JSON.stringify(made.map(({ entry }) => entry)), { mode: 0o600 });
  const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
  const temporal = ['--address', address, '--namespace', namespace, '--task-queue', taskQueue];
  const profile = process.env.API_NODE_OPTIONS?.split(' ') ?? [];
  const child = spawn(
    process.execPath,
    [...profile, '--import', 'tsx', main, 'api', ...temporal, '--port', '0', '--log-level', 'warn'],
    { env: { ...process.env, SHOWCALLER_API_TOKENS_FILE: file }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`the API ended at once: ${said}`)));
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const found = /api on (http:\/\/[\d.:]+)/.exec(said)?.[1];
        if (found) resolve(found);
      });
  });
  return {
    url,
    pid: child.pid,
    tokens: made.map(({ token }) => token),
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true });
    },
  };
}

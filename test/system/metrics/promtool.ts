import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { findPromtool } from '../../../scripts/find-promtool.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export type Promtool = (args: readonly string[], input?: string) => Promise<{ code: number | null; output: string }>;

/** Prometheus' own tool; undefined, with the reason printed, where there is none. */
export async function promtool(): Promise<Promtool | undefined> {
  const found = await findPromtool({ log: (line) => process.stderr.write(`skipped: ${line}\n`) });
  return found === undefined ? undefined : (args, input) => run(found, args, input);
}

async function run(file: string, args: readonly string[], input = '') {
  const child = spawn(file, args, { cwd: root, stdio: 'pipe' });
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number | null, output: `${stdout}${stderr}`.trim() };
}

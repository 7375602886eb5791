/** `npm run bench [-- <name> …]`: every bench, or those named, one after the other, as one JSON document; the tables go to stderr. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
/** Not benches of their own; a soak lasts for hours. */
const others = ['all', 'at-one-instant', 'live-stream', 'soak', 'soak-worker', 'stand', 'temporal'];
const all = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3))
  .filter((name) => !others.includes(name));

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`there is no bench ${unknown.join(', ')}; there are ${all.join(', ')}\n`);
  process.exit(2);
}

/** As the image has it: docs/operations.md. */
const nodeOptions = `${process.env.NODE_OPTIONS ?? ''} --max-semi-space-size=32`;

const results: unknown[] = [];
const failed: string[] = [];
for (const name of asked.length > 0 ? asked : all) {
  process.stderr.write(`\n${name}\n`);
  const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', `${folder}${name}.ts`], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: nodeOptions },
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 2 ** 20,
  });
  const lines = stdout
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  if (status !== 0 || lines.length === 0) failed.push(name);
  results.push(...lines.map((line): unknown => JSON.parse(line)));
}
process.stdout.write(`${JSON.stringify({ results, failed }, undefined, 1)}\n`);
if (failed.length > 0) {
  process.stderr.write(`\nfailed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}

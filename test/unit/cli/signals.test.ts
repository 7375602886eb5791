import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';

const module = new URL('../../../cli/signals.ts', import.meta.url).href;
const script = `
  import { untilStopped } from ${JSON.stringify(module)};
  setInterval(() => {}, 1000);
  const stopped = untilStopped();
  process.stdout.write('ready ');
  process.stdout.write(await stopped);`;

it.each([
  ['SIGTERM', 'SIGINT'],
  ['SIGINT', 'SIGTERM'],
  ['SIGINT', 'SIGINT'],
] as const)('after %s a %s ends the command at once', async (first, second) => {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script]);
  let said = '';
  for await (const text of child.stdout.setEncoding('utf8')) {
    said += text;
    if (said === 'ready ') child.kill(first);
    else if (said.endsWith(first)) child.kill(second);
  }
  if (child.exitCode === null) await once(child, 'exit');
  expect([said, child.exitCode]).toEqual([`ready ${first}`, 130]);
});

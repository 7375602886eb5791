/**
 * How large an installation is, after `npm ci` and after `npm run slim`, and how soon its commands answer: from the sources and built. Of
 * what is committed; the slimmed one plays the whole demo, to show that nothing is missing. Takes minutes: it installs and builds.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, runOrThrow } from '../scripts/command.ts';
import { bytesBelow } from '../scripts/slim-install.ts';
import { printRows, rounded } from './stand.ts';

const folder = await mkdtemp(join(tmpdir(), 'showcaller-install-'));
const npm = (...args: string[]) => runOrThrow('npm', args, { cwd: folder });
try {
  await runOrThrow('git', ['clone', '--quiet', root, folder]);
  await npm('ci', '--no-audit', '--no-fund');
  const fromSources = ['--import', 'tsx', 'cli/main.ts'];
  const built = ['dist/cli/main.js'];
  const rows = [await measured('after npm ci, from the sources', fromSources)];
  await npm('run', 'build');
  await npm('run', 'slim', '--', '--omit=optional');
  rows.push(await measured('after npm run slim, built', built));
  printRows('install', rows, { 'dist, MB': await megabytes('dist') });
} finally {
  await rm(folder, { recursive: true });
}

async function measured(what: string, command: readonly string[]) {
  const help = await secondsOf(command, ['--help'], /Usage/);
  const demo = await secondsOf(command, ['demo'], /demo-/);
  return {
    what,
    'node_modules, MB': await megabytes('node_modules'),
    '--help, s': help,
    'demo to its first event, s': demo,
  };
}

async function megabytes(name: string): Promise<number> {
  return rounded((await bytesBelow(join(folder, name))) / 1e6, 0);
}

/** Until its output has this. @throws Error when it then fails */
async function secondsOf(command: readonly string[], args: readonly string[], awaited: RegExp): Promise<number> {
  const from = performance.now();
  const child = spawn(process.execPath, [...command, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let seconds = Number.NaN;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      if (Number.isNaN(seconds) && awaited.test(text)) seconds = (performance.now() - from) / 1000;
    });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`showcaller ${args.join(' ')} of a new installation ended with ${code}:\n${text}`);
  return rounded(seconds, 1);
}

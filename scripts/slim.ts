/**
 * `npm run slim [-- --omit=optional]`, after `npm run build`: leaves of node_modules what the built command needs. `npm ci` brings the
 * rest back.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../domain/message-of.ts';
import { root, runOrThrow } from './command.ts';
import { bytesBelow, slim } from './slim-install.ts';

try {
  if (!existsSync(join(root, 'dist/cli/main.js')))
    throw new Error(
      'node_modules was not slimmed: nothing is built that could run without it. Run npm run build first.',
    );
  const modules = join(root, 'node_modules');
  await slim(modules);
  await runOrThrow('npm', ['prune', '--omit=dev', '--no-audit', '--no-fund', ...process.argv.slice(2)]);
  console.log(`node_modules: ${Math.round((await bytesBelow(modules)) / 1e6)} MB`);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

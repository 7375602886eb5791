import { join } from 'node:path';
import { messageOf } from '../domain/message-of.ts';
import { buildPackage } from './build-package.ts';
import { root } from './command.ts';

try {
  await buildPackage({ outDir: join(root, 'dist'), log: console.log });
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

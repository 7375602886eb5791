import { join } from 'node:path';
import { messageOf } from '../domain/message-of.ts';
import { buildClientPackage } from './client-package.ts';
import { root } from './command.ts';

try {
  await buildClientPackage(join(root, 'dist', 'client-package'));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

import { join } from 'node:path';
import { buildPackage } from './build-package.ts';
import { root } from './command.ts';

try {
  await buildPackage({ outDir: join(root, 'dist'), log: console.log });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

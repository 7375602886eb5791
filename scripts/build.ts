import { join } from 'node:path';
import { buildPackage } from './build-package.ts';
import { root } from './command.ts';

await buildPackage({ outDir: join(root, 'dist'), log: console.log });

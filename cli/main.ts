#!/usr/bin/env node
import { readyBundler } from '../worker/bundle.ts';

// These bundle the workflows, which takes as long as to import what they need: it begins first.
if (['demo', 'dev'].includes(process.argv[2] ?? '')) readyBundler();

await import('./program.ts');

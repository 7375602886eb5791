import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checks } from './checks.ts';
import { runChecks } from './run-checks.ts';

const { values, positionals } = parseArgs({
  options: { report: { type: 'string' } },
  allowPositionals: true,
});

const known = checks.map(({ name }) => name);
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`there is no check ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  process.exit(2);
}

const chosen = checks.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const counts = await runChecks(chosen, { print: console.log, parallel: 2 });
console.log(`checks: ${counts.passed} passed, ${counts.failed} failed`);
if (values.report) writeFileSync(values.report, JSON.stringify(counts));
process.exitCode = counts.failed === 0 ? 0 : 1;

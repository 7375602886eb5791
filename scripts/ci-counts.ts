import { addCounts, type Counts, countsOfChecks, countsOfTests, lineOf } from './counts.ts';

// ci-counts.ts <report of the checks> <exit code> [<report of a tier of tests> <exit code>]…
const [checkReport = '', checkExit = '', ...tiers] = process.argv.slice(2);

let total: Counts;
try {
  total = countsOfChecks(checkReport, Number.parseInt(checkExit, 10));
  for (let at = 0; at < tiers.length; at += 2) {
    total = addCounts(total, countsOfTests(tiers[at] ?? '', Number.parseInt(tiers[at + 1] ?? '', 10)));
  }
} catch (error) {
  // What cannot be counted must not look like a count; the caller says the line instead.
  console.error(error);
  process.exit(2);
}
console.log(lineOf(total));
process.exitCode = total.failed === 0 ? 0 : 1;

import { addCounts, type Counts, countsOfChecks, countsOfTests, lineOf } from './counts.ts';

const [testReport = '', testExit = '', checkReport = '', checkExit = ''] = process.argv.slice(2);

let total: Counts;
try {
  total = addCounts(
    countsOfTests(testReport, Number.parseInt(testExit, 10)),
    countsOfChecks(checkReport, Number.parseInt(checkExit, 10)),
  );
} catch (error) {
  // What cannot be counted must not look like a count; the caller says the line instead.
  console.error(error);
  process.exit(2);
}
console.log(lineOf(total));
process.exitCode = total.failed === 0 ? 0 : 1;

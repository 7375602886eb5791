import { readFileSync } from 'node:fs';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What of vitest's JSON report is read; https://vitest.dev/guide/reporters.html#json-reporter */
interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

/** What the test runner counted; a run that ended badly, or ran nothing, counts as a failure whatever it wrote. */
export function countsOfTests(reportFile: string, exitCode: number): Counts {
  const report = read<VitestReport>(reportFile);
  if (!report) return oneFailure(`the test runner left no report and ended with ${exitCode}`);
  const counts: Counts = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.testResults.filter(brokeOutsideItsTests).length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  if (counts.passed + counts.failed === 0) return oneFailure('the test runner ran no test');
  return judged(counts, exitCode, 'the test runner');
}

/** What `npm run check` counted, by the same rule. */
export function countsOfChecks(reportFile: string, exitCode: number): Counts {
  const report = read<{ passed: number; failed: number }>(reportFile);
  if (!report) return oneFailure(`the checks left no report and ended with ${exitCode}`);
  const counts: Counts = { passed: report.passed, failed: report.failed, skipped: 0 };
  if (counts.passed + counts.failed === 0) return oneFailure('no check was run');
  return judged(counts, exitCode, 'the checks');
}

export const addCounts = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

export const lineOf = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/** A file that could not be loaded, or whose hooks failed, has no failed test to show for it. */
const brokeOutsideItsTests = ({ status, assertionResults }: VitestReport['testResults'][number]): boolean =>
  status === 'failed' && !assertionResults.some((test) => test.status === 'failed');

function judged(counts: Counts, exitCode: number, who: string): Counts {
  if (exitCode === 0 || counts.failed > 0) return counts;
  console.error(`${who} counted no failure but ended with ${exitCode}`);
  return { ...counts, failed: 1 };
}

function oneFailure(why: string): Counts {
  console.error(why);
  return { passed: 0, failed: 1, skipped: 0 };
}

function read<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, run } from '../../../scripts/command.ts';

/** Stands for npm: ends with the given code, and leaves the given reports. */
const fakeNpm = `#!/usr/bin/env bash
tier() {
  for argument; do
    case "$argument" in --outputFile.json=*) [ -z "$report" ] || echo "$report" > "\${argument#*=}" ;; esac
  done
  echo 'Tests  5 passed (5)'
}
case "$*" in
  ci*) exit "$FAKE_INSTALL_EXIT" ;;
  test*) report=$FAKE_TESTS; tier "$@"; exit "$FAKE_TESTS_EXIT" ;;
  'run test:under-load'*) while [ "$1" != npm ]; do shift; done; "$@" ;;
  exec*)
    call="$*"
    file="\${call##*--outputFile.json=}"
    [ -z "$FAKE_OTHERS" ] || echo "$FAKE_OTHERS" > "\${file%% *}"
    echo "$call" >> "$FAKE_CALLS"
    exit "$FAKE_OTHERS_EXIT" ;;
  'run test:simulation'*) report=$FAKE_SIMULATION; tier "$@"; exit "$FAKE_SIMULATION_EXIT" ;;
  'run test:system'*) report=$FAKE_SYSTEM; tier "$@"; exit "$FAKE_SYSTEM_EXIT" ;;
  'run check'*)
    [ -z "$FAKE_CHECKS" ] || echo "$FAKE_CHECKS" > "\${!#}"
    exit "$FAKE_CHECKS_EXIT" ;;
esac
`;

interface Outcome {
  install?: number;
  tests?: [report: object | undefined, exit: number];
  /** On each other Node that is supported. */
  others?: [report: object | undefined, exit: number];
  simulation?: [report: object | undefined, exit: number];
  system?: [report: object | undefined, exit: number];
  checks?: [report: object | undefined, exit: number];
}

const passedFile = { status: 'passed', assertionResults: [{ status: 'passed' }] };
const failedFile = { status: 'failed', assertionResults: [{ status: 'failed' }] };
const unloadableFile = { status: 'failed', assertionResults: [] };

const testReport = (passed: number, failed: number, testResults: object[], skipped = 0) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: skipped,
  numTodoTests: 0,
  testResults,
});

const greenTests: NonNullable<Outcome['tests']> = [testReport(5, 0, [passedFile]), 0];
const greenOthers: NonNullable<Outcome['others']> = [testReport(2, 0, [passedFile]), 0];
const greenSimulation: NonNullable<Outcome['simulation']> = [testReport(1, 0, [passedFile]), 0];
const greenSystem: NonNullable<Outcome['system']> = [testReport(3, 0, [passedFile]), 0];
const greenChecks: NonNullable<Outcome['checks']> = [{ passed: 9, failed: 0 }, 0];

const otherNodes = ['20.20', '22', '24'].filter((version) => !process.version.startsWith(`v${version}.`));
/** How many tests pass on them. */
const ofOthers = 2 * otherNodes.length;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'showcaller-ci-'));
  await writeFile(join(folder, 'npm'), fakeNpm);
  await chmod(join(folder, 'npm'), 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('.ci/run', () => {
  it('ends with the counts of tests and checks, and succeeds when all pass', async () => {
    expect(await ci({})).toEqual({ code: 0, last: `${18 + ofOthers} passed, 0 failed` });
  });

  it('says how many were skipped', async () => {
    expect(await ci({ tests: [testReport(5, 0, [passedFile], 2), 0] })).toEqual({
      code: 0,
      last: `${18 + ofOthers} passed, 0 failed, 2 skipped`,
    });
  });

  it('fails when a test fails', async () => {
    expect(await ci({ tests: [testReport(4, 1, [passedFile, failedFile]), 1] })).toEqual({
      code: 1,
      last: `${17 + ofOthers} passed, 1 failed`,
    });
  });

  it('fails when a check fails', async () => {
    expect(await ci({ checks: [{ passed: 8, failed: 1 }, 1] })).toEqual({
      code: 1,
      last: `${17 + ofOthers} passed, 1 failed`,
    });
  });

  it('counts a test file that could not be loaded', async () => {
    expect(await ci({ tests: [testReport(5, 0, [passedFile, unloadableFile]), 1] })).toEqual({
      code: 1,
      last: `${18 + ofOthers} passed, 1 failed`,
    });
  });

  it('fails when the test runner crashes before it reports', async () => {
    expect(await ci({ tests: [undefined, 139] })).toEqual({ code: 1, last: `${13 + ofOthers} passed, 1 failed` });
  });

  it('fails when the test runner leaves no report and claims success', async () => {
    expect(await ci({ tests: [undefined, 0] })).toEqual({ code: 1, last: `${13 + ofOthers} passed, 1 failed` });
  });

  it('fails when the test runner crashes after a report without failures', async () => {
    expect(await ci({ tests: [testReport(5, 0, [passedFile]), 134] })).toEqual({
      code: 1,
      last: `${18 + ofOthers} passed, 1 failed`,
    });
  });

  it('fails when no test was run', async () => {
    expect(await ci({ tests: [testReport(0, 0, []), 0] })).toEqual({
      code: 1,
      last: `${13 + ofOthers} passed, 1 failed`,
    });
  });

  it('fails when the checks crash', async () => {
    expect(await ci({ checks: [undefined, 1] })).toEqual({ code: 1, last: `${9 + ofOthers} passed, 1 failed` });
  });

  it('fails when a test of the system tier fails, or when it crashes', async () => {
    expect(await ci({ system: [testReport(2, 1, [failedFile]), 1] })).toEqual({
      code: 1,
      last: `${17 + ofOthers} passed, 1 failed`,
    });
    expect(await ci({ system: [undefined, 139] })).toEqual({ code: 1, last: `${15 + ofOthers} passed, 1 failed` });
  });

  it('fails when a random show fails, or when the simulation crashes', async () => {
    expect(await ci({ simulation: [testReport(0, 1, [failedFile]), 1] })).toEqual({
      code: 1,
      last: `${17 + ofOthers} passed, 1 failed`,
    });
    expect(await ci({ simulation: [undefined, 139] })).toEqual({ code: 1, last: `${17 + ofOthers} passed, 1 failed` });
  });

  it('runs the unit tests on each other Node that is supported, and fails when one fails or cannot be had', async () => {
    await rm(join(folder, 'calls'), { force: true });
    expect((await ci({})).code).toBe(0);
    const calls = await readFile(join(folder, 'calls'), 'utf8');
    expect(calls.match(/--package=node@\S+/g)).toEqual(otherNodes.map((version) => `--package=node@${version}`));
    expect(calls.match(/vitest run test\/unit /g)).toHaveLength(otherNodes.length);
    const failing = await ci({ others: [testReport(1, 1, [failedFile]), 1] });
    expect(failing).toEqual({
      code: 1,
      last: `${18 - otherNodes.length + ofOthers} passed, ${otherNodes.length} failed`,
    });
    expect(await ci({ others: [undefined, 1] })).toEqual({ code: 1, last: `18 passed, ${otherNodes.length} failed` });
  });

  it('fails when the installation fails, and runs nothing', async () => {
    expect(await ci({ install: 1 })).toEqual({ code: 1, last: '0 passed, 1 failed' });
  });

  it('fails when a report is not what the runner usually writes', async () => {
    expect(await ci({ tests: [{ numPassedTests: 5 }, 0] })).toEqual({ code: 1, last: '0 passed, 1 failed' });
  });
});

async function ci(outcome: Outcome) {
  const { install = 0, tests = greenTests, others = greenOthers, simulation = greenSimulation } = outcome;
  const { system = greenSystem, checks = greenChecks } = outcome;
  const { code, stdout } = await run('bash', ['.ci/run'], {
    cwd: root,
    env: {
      PATH: `${folder}:${process.env.PATH}`,
      FAKE_INSTALL_EXIT: String(install),
      FAKE_TESTS: tests[0] ? JSON.stringify(tests[0]) : '',
      FAKE_TESTS_EXIT: String(tests[1]),
      FAKE_CALLS: join(folder, 'calls'),
      FAKE_OTHERS: others[0] ? JSON.stringify(others[0]) : '',
      FAKE_OTHERS_EXIT: String(others[1]),
      FAKE_SIMULATION: simulation[0] ? JSON.stringify(simulation[0]) : '',
      FAKE_SIMULATION_EXIT: String(simulation[1]),
      FAKE_SYSTEM: system[0] ? JSON.stringify(system[0]) : '',
      FAKE_SYSTEM_EXIT: String(system[1]),
      FAKE_CHECKS: checks[0] ? JSON.stringify(checks[0]) : '',
      FAKE_CHECKS_EXIT: String(checks[1]),
    },
  });
  return { code, last: stdout.trimEnd().split('\n').at(-1) };
}

export interface Check {
  /** One word, to ask for it alone. */
  name: string;
  /** What is wrong, for people; nothing when all is well. A throw is a failure too. */
  run(): Promise<string | undefined>;
}

export interface CheckCounts {
  passed: number;
  failed: number;
}

export interface RunOptions {
  print: (line: string) => void;
  /** How many at once. Default: one after the other. */
  parallel?: number;
}

/** Runs all, whatever fails, and prints one line for each as it ends, followed by what is wrong. */
export async function runChecks(checks: readonly Check[], { print, parallel = 1 }: RunOptions): Promise<CheckCounts> {
  const waiting = [...checks];
  const counts: CheckCounts = { passed: 0, failed: 0 };
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const problems = await runOne(check, print);
      if (problems) counts.failed += 1;
      else counts.passed += 1;
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return counts;
}

async function runOne(check: Check, print: (line: string) => void): Promise<boolean> {
  const startedAt = performance.now();
  const problems = await check.run().catch((error: unknown) => {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  print(`${problems === undefined ? 'ok  ' : 'FAIL'} ${check.name.padEnd(18)} ${seconds.padStart(5)} s`);
  if (problems !== undefined) print(indented(problems.trim() || 'it failed and said nothing'));
  return problems !== undefined;
}

const indented = (text: string): string => text.replace(/^/gm, '     ');

import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Minutes of tests in few lines, the slowest first. */
const slowest = [
  /\/random-shows\//,
  /\/system\/board\/freshness/,
  /-at-length\./,
  /\/like-simulated\//,
  /\/contract\/(shapes|faults)\./,
  /\/simulation\/workflows\/(clocks|races|on-air|waits)\./,
  /\/simulation\/faults\//,
  /\/contract\/(certify\/|repeat|ownership|names|observe|on-air|refusals|endless|preflight|ingest|show)/,
  /\/simulation\/(legs|temporal)\/|\/unit\/workflows\/replay|\/vendors\/azure-media-services\/driver/,
];

/**
 * On a new checkout Vitest begins with the largest files, and ends with one process busy and the others idle: the slowest
 * files are among the smallest, because they call what they share with their twin of the other tier.
 */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = slowest.findIndex((name) => name.test(moduleId));
  return rank === -1 ? slowest.length : rank;
}

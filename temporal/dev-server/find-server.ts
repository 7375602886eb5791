import { build, goNeeded } from './server-build.ts';
import { download } from './server-download.ts';
import { cached, onPath, StepFailed, type StepWorld } from './server-steps.ts';

/** A Temporal that runs already, or the program that can be one. */
export type FoundServer = { kind: 'running'; address: string } | { kind: 'executable'; path: string; from: string };

interface Step {
  name: string;
  /** Logged before a step that may take long. */
  announce?: string;
  find: (world: StepWorld) => Promise<string>;
}

/** In this order: the most explicit and cheapest step first. */
const steps: readonly Step[] = [
  { name: '`temporal` on the PATH', find: onPath },
  { name: 'the copy of an earlier run', find: cached },
  {
    name: 'a download of its release',
    announce: 'downloading the Temporal server from its release: seconds, once',
    find: download,
  },
  {
    name: 'a build with Go',
    announce: 'building the Temporal server with go: about 3 minutes, once',
    find: build,
  },
];

/**
 * Finds a Temporal: `TEMPORAL_ADDRESS`, the PATH, the cache, a download, a build with Go, in this order. Each step that
 * takes time says so in one line.
 *
 * @throws Error listing every step, why it failed, and what to do.
 */
export async function findServer(world: StepWorld): Promise<FoundServer> {
  const address = world.env.TEMPORAL_ADDRESS;
  if (address && world.own === undefined) {
    world.log(`using the Temporal at ${address} (TEMPORAL_ADDRESS)`);
    return { kind: 'running', address };
  }
  const failures: string[] = [
    `TEMPORAL_ADDRESS: ${world.own === undefined ? 'not set' : `not used, because ${world.own}`}`,
  ];
  for (const step of steps) {
    if (step.announce) world.log(step.announce);
    const startedAt = performance.now();
    try {
      const path = await step.find(world);
      world.log(`Temporal server: ${step.name}${step.announce ? `, after ${secondsSince(startedAt)}` : ''} (${path})`);
      return { kind: 'executable', path, from: step.name };
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      if (step.announce) world.log(`${step.name}: failed after ${secondsSince(startedAt)}: ${error.message}`);
      failures.push(`${step.name}: ${error.message}`);
    }
  }
  throw new Error(
    [
      'No Temporal server could be found. Tried, in this order:',
      ...failures.map((failure) => `  - ${failure}`),
      'Do one of these: install the Temporal CLI (https://docs.temporal.io/cli), ' +
        `or install Go ${goNeeded} or newer so that it can be built` +
        (world.own === undefined ? ', or set TEMPORAL_ADDRESS to a Temporal that runs.' : '.'),
    ].join('\n'),
  );
}

const secondsSince = (startedAt: number): string => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;

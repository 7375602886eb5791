import type { Client } from '@temporalio/client';
import { isOver, type Phase, phases } from '../domain/phases.ts';
import { queryOf } from './listing.ts';

/** How many events are in a phase. */
export interface PhaseCount {
  vendor: string;
  phase: Phase;
  events: number;
}

/** Phases of events that are not over. */
const runningPhases = phases.filter((phase) => !isOver(phase));

/**
 * Events that are not over, by vendor and phase, zeros included; by Temporal's visibility. Server 1.29 groups by nothing
 * but the status, so it is one question for each phase, and one for each vendor of a phase that has events.
 */
export async function countByPhase(client: Client, vendors: readonly string[], tenant?: string): Promise<PhaseCount[]> {
  const count = async (phase: Phase, vendor?: string): Promise<number> =>
    (await client.workflow.count(queryOf({ running: true, phase, vendor, tenant }))).count;
  const ofPhase = async (phase: Phase): Promise<PhaseCount[]> => {
    const hasEvents = (await count(phase)) > 0;
    return Promise.all(
      vendors.map(async (vendor) => ({ vendor, phase, events: hasEvents ? await count(phase, vendor) : 0 })),
    );
  };
  return (await Promise.all(runningPhases.map(ofPhase))).flat();
}

import { isPlaybackFault } from './playback-faults.ts';
import type { Fault, LogEntry, SimulatorKit } from './types.ts';

/** Operations that start with this are a player's reads; a fault on `*` passes them by. */
const mediaPrefix = 'media:';

/** Old entries are dropped beyond this, so that a long rehearsal does not eat the memory. */
const maxLogEntries = 100_000;

/** The request log and the faults that all simulators of one process share. */
export function createKit(options: Pick<SimulatorKit, 'watch' | 'replace'> = {}): SimulatorKit {
  return { ...options, log: createLog(), faults: createFaults() };
}

function createLog(): SimulatorKit['log'] {
  let kept: LogEntry[] = [];
  return {
    add: (entry) => {
      kept.push(entry);
      if (kept.length > maxLogEntries) kept = kept.slice(-maxLogEntries / 2);
    },
    entries: (filter = {}) => {
      const wanted = Object.entries(filter) as [keyof LogEntry, unknown][];
      return kept.filter((entry) => wanted.every(([key, value]) => value === undefined || entry[key] === value));
    },
    clear: () => {
      kept = [];
    },
  };
}

interface PendingFault {
  vendor: string;
  fault: Fault;
  skipsLeft: number;
  hitsLeft: number;
}

function createFaults(): SimulatorKit['faults'] {
  let pending: PendingFault[] = [];
  return {
    add: (vendor, fault) => {
      pending.push({
        vendor,
        fault,
        skipsLeft: fault.skip ?? 0,
        hitsLeft: fault.times ?? (isPlaybackFault(fault.kind) ? Number.POSITIVE_INFINITY : 1),
      });
    },
    clear: (vendor) => {
      pending = vendor === undefined ? [] : pending.filter((one) => one.vendor !== vendor);
    },
    take: (vendor, operation) => {
      const due = pending.filter((one) => one.vendor === vendor && hits(one.fault, operation)).filter(skipped);
      const taken = due[0];
      if (!taken) return undefined;
      taken.hitsLeft -= 1;
      if (taken.hitsLeft <= 0) pending = pending.filter((one) => one !== taken);
      return taken.fault;
    },
  };
}

const hits = ({ operation: wanted, kind }: Fault, operation: string): boolean =>
  wanted === operation || (wanted === '*' && operation.startsWith(mediaPrefix) === isPlaybackFault(kind));

/** Counts this call against the fault's `skip`; true once there is none left. */
function skipped(one: PendingFault): boolean {
  if (one.skipsLeft <= 0) return true;
  one.skipsLeft -= 1;
  return false;
}

import { ownBuild } from '../../../domain/ids.ts';

/** Which build the workers of the simulation are. */
export const simulatedBuild = `${ownBuild}simulated`;

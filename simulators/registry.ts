import type { SimulatorModule } from './kit/types.ts';

/** Every simulator there is, in the order people see them. */
export const simulators: readonly SimulatorModule[] = [];

import type { Prng } from '../../prng.ts';

/** How long things take, in milliseconds; asked anew each time. */
export interface Latencies {
  /** From when a task could be done until a worker has it. */
  dispatch(): number;
  /** From when a worker has a workflow task until the server has its answer. */
  workflowTask(): number;
  /** From when an attempt is done until the server knows. */
  answer(): number;
  /** Between two parts of the server: children, signals to others. */
  transfer(): number;
  /** How late a timer of the server fires. */
  timer(): number;
  /** From a client to the server, and back. */
  client(): number;
  /** From a change of a run until lists show it. */
  visibility(): number;
}

export const noLatency = (): Latencies => {
  const none = () => 0;
  return {
    dispatch: none,
    workflowTask: none,
    answer: none,
    transfer: none,
    timer: none,
    client: none,
    visibility: none,
  };
};

/** About what a quiet machine with an embedded server takes. */
export const quietLatency = (prng: Prng): Latencies => ({
  dispatch: () => prng.between(2, 6),
  workflowTask: () => prng.between(8, 25),
  answer: () => prng.between(1, 4),
  transfer: () => prng.between(2, 8),
  timer: () => prng.between(1, 5),
  client: () => prng.between(1, 5),
  visibility: () => prng.between(5, 60),
});

/** A machine in trouble: now and then everything takes long. */
export const roughLatency = (prng: Prng): Latencies => {
  const some = (usual: number, worst: number) => () => prng.between(0, prng.chance(0.1) ? worst : usual);
  return {
    dispatch: some(10, 3000),
    workflowTask: some(40, 4000),
    answer: some(10, 2000),
    transfer: some(20, 1500),
    timer: some(10, 1500),
    client: some(10, 2000),
    visibility: some(60, 5000),
  };
};

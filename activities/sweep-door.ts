/** What the sweep must be able to ask of Temporal, by id: visibility lags, and a lag would release a live channel. */
export interface SweepDoor {
  /** Whether the run that owns a resource, or a later try at its recording, is alive. */
  ownerOf(workflowId: string): Promise<'running' | 'over' | 'unknown'>;
}

/** Temporal's statuses of a run that has not ended. */
export const openStatuses: readonly string[] = ['RUNNING', 'PAUSED'];

/** Whether a run has not ended. A paused one does nothing and answers no question until it is unpaused. */
export const goesOn = (workflowStatus: string): boolean => openStatuses.includes(workflowStatus);

/** Whether Temporal has what such a run reported at its end; what others last knew is asked of a worker. */
export const hasReport = (workflowStatus: string): boolean => ['COMPLETED', 'FAILED'].includes(workflowStatus);

export const isPaused = (workflowStatus: string): boolean => workflowStatus === 'PAUSED';

/** After the name of an event, in a sentence. */
export const pausedText = 'is paused in Temporal: unpause its run (`temporal workflow unpause`), then try again';

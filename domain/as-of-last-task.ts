/** What a query says that wants the status of a run that is over as its last task left it, whatever happened to the run after. */
export const asOfLastTask = 'as of the last task';

/** What a query of a run fails with that was read again for it, just as something happened to the run; asked again, it is answered. */
export const readAgain = 'the run was read again while something happened to it; ask again';

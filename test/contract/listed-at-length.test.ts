import { allAreListed } from './all-listed.ts';

// More than the page of any vendor that lets us choose one.
allAreListed(105);

import { allAreListed } from './all-listed.ts';

// listed-at-length.test.ts has more than a page of them.
allAreListed(5);

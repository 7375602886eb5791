import { allHold } from './all-hold.ts';

/** The same scenarios every time; `npm run test:faults` plays others. */
allHold({ firstSeed: 20_261_121, count: 20, atOnce: 8 });

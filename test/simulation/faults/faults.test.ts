import { allHold } from './all-hold.ts';

// One for each vendor, the same every time; fixed-at-length.test.ts has more of them, `npm run test:faults` plays others.
allHold({ firstSeed: 20_261_121, count: 4, atOnce: 4 });

import { allHold } from './all-hold.ts';

allHold({ firstSeed: 20_261_121, count: 40, atOnce: 8 });

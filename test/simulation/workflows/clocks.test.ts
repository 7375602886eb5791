import { wrongClocksLoseNothing } from './wrong-clocks.ts';

// clocks-at-length.test.ts has each clock in each show.
wrongClocksLoseNothing('clock');

import { wrongClocksLoseNothing } from './wrong-clocks.ts';

wrongClocksLoseNothing('show');

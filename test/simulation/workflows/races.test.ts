import { racesKeepPromises } from './sensible-races.ts';

// races-in-both-orders-at-length.test.ts has the other order too.
racesKeepPromises('one order');

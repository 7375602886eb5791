import { racesKeepPromises } from './sensible-races.ts';

// races-in-both-orders-at-length.test.ts has every two.
racesKeepPromises('each first and each second');

import { racesKeepPromises } from './sensible-races.ts';

racesKeepPromises('both orders');

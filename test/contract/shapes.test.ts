import { noShapeIsBelieved, unlikely } from './all-shapes.ts';

/** Every second call is answered in one odd way; shapes-at-length.test.ts has each way for each call. */
noShapeIsBelieved((call) => (call % 2 === 0 ? unlikely.slice((call / 2) % unlikely.length).slice(0, 1) : []));

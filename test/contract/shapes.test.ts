import { noShapeIsBelieved, unlikely } from './all-shapes.ts';

// Every second call of a step with a promise is answered in one odd way, every second step meets each odd answer;
// shapes-at-length.test.ts has all of them.
noShapeIsBelieved({
  ofUnlikely: (call) => (call % 2 === 0 ? unlikely.slice((call / 2) % unlikely.length).slice(0, 1) : []),
  meets: (step, odd) => (step + odd) % 2 === 0,
});

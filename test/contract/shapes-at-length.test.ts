import { noShapeIsBelieved, unlikely } from './all-shapes.ts';

noShapeIsBelieved(() => unlikely);

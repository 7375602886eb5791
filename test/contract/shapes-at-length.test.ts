import { noShapeIsBelieved, unlikely } from './all-shapes.ts';

noShapeIsBelieved({ ofUnlikely: () => unlikely, meets: () => true });

import { listsEnd } from './all-endless-lists.ts';

// endless-lists-at-length.test.ts asks in every step.
listsEnd('first that sees it');

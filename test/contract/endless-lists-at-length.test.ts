import { listsEnd } from './all-endless-lists.ts';

listsEnd('last step');

import { shareOneAsyncStore } from './one-async-store.ts';

shareOneAsyncStore();

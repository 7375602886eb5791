import { completeLockfile } from './lockfile.ts';

console.log(`${await completeLockfile()} checksums were missing in package-lock.json and are there now`);

import { faults, noFaultIsSeen } from './all-faults.ts';

/** Each call meets one kind of fault; faults-at-length.test.ts has each kind on each call. */
const turns = 4;
noFaultIsSeen((kind, operations) => operations.filter((_, i) => i % turns === faults.indexOf(kind) % turns));

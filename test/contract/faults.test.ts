import { noFaultIsSeen } from './all-faults.ts';

// faults-at-length.test.ts has each kind of fault on each call.
noFaultIsSeen('call');

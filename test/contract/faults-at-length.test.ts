import { noFaultIsSeen } from './all-faults.ts';

noFaultIsSeen('kind on each call');

import { noFaultIsSeen } from './all-faults.ts';

noFaultIsSeen((_kind, operations) => operations);

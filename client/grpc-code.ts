import { isGrpcServiceError } from '@temporalio/client';

/** Whether Temporal, or the way to it, answered with one of these codes of gRPC; the client has it in the error or in its cause. */
export const hasGrpcCode = (error: unknown, codes: readonly number[]): boolean =>
  [error, (error as Error).cause].some((one) => isGrpcServiceError(one) && codes.includes(one.code));

import { VendorError } from '../domain/errors.ts';
import { formatDuration } from '../domain/time.ts';

interface Question {
  vendor: string;
  operation: string;
  withinMs: number;
}

/** What a vendor answers. @throws VendorError when that takes longer: the caller waits no more */
export async function vendorAnswer<T>({ vendor, operation, withinMs }: Question, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    const message = `no answer within ${formatDuration(withinMs)}; try again`;
    timer = setTimeout(() => reject(new VendorError({ kind: 'unavailable', vendor, operation, message })), withinMs);
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

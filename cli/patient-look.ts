import { RefusedError } from '../client/errors.ts';
import { messageOf } from '../domain/message-of.ts';
import { exitCodeOf, exitCodes, say } from './io.ts';

/** Whether what went wrong may be over at the next try: it is no refusal, and no mistake of the caller. */
const mayPass = (error: unknown): boolean => !(error instanceof RefusedError) && exitCodeOf(error) !== exitCodes.usage;

/** For looks at an event that go on for hours: a worker or an API that is away for a moment does not end them, and is said once. */
export class PatientLook {
  readonly #eventId: string;
  #isUnseen = false;

  constructor(eventId: string) {
    this.#eventId = eventId;
  }

  /** Undefined where it cannot be seen now. @throws what does not pass by itself */
  async at<T>(look: () => Promise<T>): Promise<T | undefined> {
    try {
      const seen = await look();
      this.#isUnseen = false;
      return seen;
    } catch (error) {
      if (!mayPass(error)) throw error;
      if (!this.#isUnseen) say(`${this.#eventId} cannot be seen now, it is tried again: ${messageOf(error)}`);
      this.#isUnseen = true;
      return undefined;
    }
  }
}

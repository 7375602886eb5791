import { VendorError } from '../../domain/errors.ts';
import { notYet, type Progress } from '../driver.ts';

/** How long something that was made may stay out of the lists before another one is made, or it is taken for never made. */
const mostLagMs = 120_000;
const againMs = 1_000;
const lookAgainMs = 5_000;

/**
 * What was made and no list has shown yet, by name. IVS has no request tokens and its lists may be far behind: while the first
 * may still show up, no other is made. A process that dies before it could pass the ARN on costs one more.
 */
export class Unlisted {
  readonly #made = new Map<string, { arn: string; at: number }>();
  /** When this process first looked for what an allocation that did not end may have made. */
  readonly #lookedFor = new Map<string, number>();

  /** Names that this process asked a channel for, and whether IVS has answered each time. */
  readonly #asked = new Map<string, 'answered' | 'unanswered'>();

  /** An allocation begins here: a name that nothing was asked for yet needs no wait. */
  begin(name: string): void {
    if (!this.#asked.has(name)) this.#asked.set(name, 'answered');
  }

  /** Asks for a channel of this name. While an answer is missing, one may have been made. */
  async ask<T>(name: string, create: () => Promise<T>): Promise<T> {
    const before = this.#asked.get(name) ?? 'answered';
    this.#asked.set(name, 'unanswered');
    try {
      const made = await create();
      this.#asked.set(name, before);
      return made;
    } catch (error) {
      if (isRefusal(error)) this.#asked.set(name, before);
      throw error;
    }
  }

  /** Counted from the first time: another process may have made it. */
  add(name: string, arn: string): void {
    if (this.arnOf(name) !== arn) this.#made.set(name, { arn, at: performance.now() });
  }

  arnOf(name: string): string | undefined {
    return this.#made.get(name)?.arn;
  }

  forget(name: string): void {
    this.#made.delete(name);
    this.#lookedFor.delete(name);
    this.#asked.delete(name);
  }

  /** Nothing where every question was answered, or once the lists were looked at for so long that what was made would have shown. */
  mayStillShow(name: string): Progress<never> | undefined {
    if (this.#asked.get(name) === 'answered') return undefined;
    const since = this.#lookedFor.get(name) ?? performance.now();
    this.#lookedFor.set(name, since);
    const left = since + mostLagMs - performance.now();
    if (left <= 0) return undefined;
    const seconds = Math.ceil(left / 1000);
    return notYet(
      `a channel ${name} whose creation was not answered to show in the list; it is taken for never made in ${seconds} s`,
      lookAgainMs,
    );
  }

  /** Nothing when another one may be made. */
  wait(name: string): Progress<never> | undefined {
    const made = this.#made.get(name);
    const left = made ? made.at + mostLagMs - performance.now() : 0;
    if (!made || left <= 0) return undefined;
    return notYet(
      `${made.arn} to show in the list; another ${name} is made in ${Math.ceil(left / 1000)} s at the earliest`,
      againMs,
      made.arn,
    );
  }
}

/** IVS has said no. Other failures leave it open whether the call was carried out. */
const isRefusal = (error: unknown): boolean =>
  error instanceof VendorError && error.kind !== 'unavailable' && error.kind !== 'unknown';

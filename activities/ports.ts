/** What the poller must be able to ask of Temporal; the worker gives it. */
export interface PollerPort {
  /** Events of the account that wait for or watch an encoder, by visibility. */
  watching(vendor: string, account: string): Promise<number>;
  /** Tells the event of each channel to look at once. Gives the channels whose event was not found yet. */
  recheck(vendor: string, account: string, channels: readonly string[]): Promise<string[]>;
  /** Makes sure that a poller follows the account; false when it could not be made sure of. */
  ensure(vendor: string, account: string): Promise<boolean>;
  /** Told after each walk over the account's live channels, whether the vendor listed them. */
  onPoll?(vendor: string, account: string, listed: boolean): void;
}

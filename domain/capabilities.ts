/**
 * What a vendor can do, as data: plans are checked against it, and contract tests hold the driver to it. It is recorded in
 * the prepared plan; a workflow may branch on it, never on a vendor's name.
 */
export interface Capabilities {
  /** A channel can be kept warm, and billed, between allocate and start. */
  standby: boolean;
  /** The vendor can pull from sources that the plan names. */
  relay: boolean;
  /** `publishVod` needs the channel, so that clean-up runs after it and not beside it. */
  vodNeedsChannel: boolean;
}

/** Leads that differ by vendor; a plan may override them. Milliseconds. */
export interface VendorDefaults {
  /** How long before `startsAt` to allocate. */
  warmUpMs: number;
  /** How long before `startsAt` to accept encoders. */
  startLeadMs: number;
}

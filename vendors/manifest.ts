import type { z } from 'zod';
import type { Capabilities, VendorDefaults } from '../domain/capabilities.ts';
import type { Path } from '../domain/problems.ts';
import type { Bill } from '../domain/usage/billing.ts';
import type { VendorEventQueue, VendorEventReader } from '../domain/vendor-events/inbound.ts';
import type { DriverContext } from './context.ts';
import type { VendorDriver } from './driver.ts';

/** One setting of an account, as its schema says. Its variable is `<ENV_PREFIX>[_<ACCOUNT>]_<KEY>`, or the same with `_FILE` for secrets. */
export interface AccountField {
  /** camelCase, e.g. `accessKeyId` → `ACCESS_KEY_ID`. */
  key: string;
  /** Secrets never come from the configuration file, only from the environment or a file it names. */
  secret: boolean;
  required: boolean;
  /** Used when left out. */
  fallback?: string;
  /** One sentence for the configuration reference. */
  about: string;
  /** Says what is wrong with a value, or nothing. */
  check(value: string): string | undefined;
}

/** The settings of one named account, resolved. */
export interface Account {
  name: string;
  settings: Readonly<Record<string, string>>;
}

/** What one event makes at the vendor, and what of it costs. */
export interface MadeByEvent {
  what: string;
  /** When it is billed, in the vendor's unit; absent when it costs nothing. */
  billed?: string;
  /** It is there after the clean-up. */
  kept?: boolean;
}

/** A plan whose fields passed their schemas, as far as limits read it. Epoch milliseconds. */
export interface LimitedPlan {
  /** The event's key, of which names are made. */
  eventKey: string;
  startsAt: number;
  endsAt: number;
  /** `endsAt`, or until when the plan lets the show go on. */
  lastEndsAt: number;
  /** The field that says when the show ends: `endsAt`, `duration` or `overrun.until`. */
  endField: Path;
  publishesVod: boolean;
  sources: readonly string[];
  /** `vendorOptions`, parsed by `options`. */
  options: unknown;
}

/** What the plan asks for beyond a limit: the field to change, and why. */
export interface LimitProblem {
  path: Path;
  message: string;
}

/** One documented limit of a vendor that a plan can break. */
export interface PlanLimit {
  /** One sentence for the vendors' reference. */
  about: string;
  problems(plan: LimitedPlan): LimitProblem[];
}

/** A vendor as a value: what the registry lists, docs are generated from, and workers load drivers by. */
export interface VendorManifest {
  /** Folder name, plan value, simulator path, log field: one spelling everywhere. */
  name: string;
  /** For people. */
  title: string;
  /** Official pages. */
  docs: readonly string[];
  envPrefix: string;
  /**
   * The settings of an account, beside those that accounts of every vendor have: a zod object of texts, each with
   * `.meta({ description })`, and `secret: true` in it where the value is one.
   */
  account: z.ZodObject;
  /**
   * Where an account makes its channels, of its settings: region, bucket, subscription, domain. Two accounts with the
   * same place see the same channels; it goes into history, so no secret and nothing that is rotated may be in it.
   */
  placeOf(settings: Account['settings']): string;
  capabilities: Capabilities;
  makes: readonly MadeByEvent[];
  /** What of it is billed by time, and in which state: what the usage of an event is derived from. */
  bills: readonly Bill[];
  defaults: VendorDefaults;
  /** Documented calls per second of one account, by operation; `*` for all others. Absent: none that matters. */
  rates?: Readonly<Record<string, number>>;
  /** The schema of `vendorOptions`; strict, every field with `.describe()`. */
  options: z.ZodObject;
  /** What no schema of `options` can say, because it depends on the rest of the plan. */
  limits?: readonly PlanLimit[];
  /** Loads the driver and its SDK: manifests stay light. */
  load(): Promise<{ createDriver(account: Account, context: DriverContext): VendorDriver }>;
  /** Loads the reader of the vendor's events; absent where the vendor sends none. */
  vendorEvents?(): Promise<VendorEventReader>;
  /** Loads the client of the vendor's event queue; `openQueue` gives undefined for an account without a queue. */
  vendorEventQueue?(): Promise<{ openQueue(account: Account, context: DriverContext): VendorEventQueue | undefined }>;
}

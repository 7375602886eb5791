/** One line that breaks a rule, in a file of its own or at the end of one that is there. */
export interface Seed {
  rule: string;
  file: string;
  line: string;
}

/** What each rule must refuse. Files called `seeded-*` are new. */
export const seeds: readonly Seed[] = [
  { rule: 'no-cycles', file: 'domain/errors.ts', line: "import type {} from './seeded-cycle.ts';" },
  { rule: 'no-cycles', file: 'domain/seeded-cycle.ts', line: "export type { VendorError } from './errors.ts';" },
  { rule: 'no-unresolvable', file: 'worker/seeded-nowhere.ts', line: "import './not-there.ts';" },

  { rule: 'domain-is-pure', file: 'domain/seeded-clock.ts', line: "import 'node:timers';" },
  { rule: 'domain-is-pure', file: 'domain/seeded-zod.ts', line: "import type { z } from 'zod';" },
  { rule: 'domain-is-pure', file: 'domain/seeded-plan.ts', line: "import '../plan/check.ts';" },

  {
    rule: 'workflows-are-sandboxed',
    file: 'workflows/seeded-type.ts',
    line: "import type { IvsClient } from '@aws-sdk/client-ivs';",
  },
  { rule: 'workflows-are-sandboxed', file: 'workflows/seeded-node.ts', line: "import 'node:crypto';" },
  {
    rule: 'workflows-are-sandboxed',
    file: 'workflows/seeded-act.ts',
    line: "import type {} from '../activities/index.ts';",
  },
  { rule: 'workflows-are-sandboxed', file: 'workflows/seeded-plan.ts', line: "import '../plan/schema.ts';" },

  { rule: 'plan-reads-manifests', file: 'plan/seeded-driver.ts', line: "import type {} from '../vendors/driver.ts';" },
  { rule: 'plan-reads-manifests', file: 'plan/seeded-fs.ts', line: "import 'node:fs';" },

  {
    rule: 'activities-see-vendors-through-the-port',
    file: 'activities/seeded-registry.ts',
    line: "import '../vendors/registry.ts';",
  },
  {
    rule: 'activities-see-vendors-through-the-port',
    file: 'activities/seeded-worker.ts',
    line: "import type {} from '../worker/worker.ts';",
  },

  {
    rule: 'vendors-only-through-registry',
    file: 'worker/seeded-ivs.ts',
    line: "import '../vendors/aws-ivs/driver.ts';",
  },
  { rule: 'vendors-only-through-registry', file: 'vendors/seeded-beside.ts', line: "import './aws-ivs/index.ts';" },
  {
    rule: 'vendors-only-through-registry',
    file: 'scripts/seeded-docs.ts',
    line: "import '../vendors/aws-ivs/index.ts';",
  },
  { rule: 'registry-lists-manifests', file: 'vendors/registry.ts', line: "import './aws-ivs/driver.ts';" },
  {
    rule: 'vendors-know-no-other',
    file: 'vendors/aws-ivs/seeded-neighbour.ts',
    line: "import '../alibaba-oss/names.ts';",
  },
  { rule: 'vendors-stand-on-the-port', file: 'vendors/aws-ivs/seeded-up.ts', line: "import '../accounts.ts';" },
  { rule: 'vendors-stand-on-the-port', file: 'vendors/aws-ivs/seeded-plan.ts', line: "import '../../plan/times.ts';" },
  { rule: 'port-stands-on-the-domain', file: 'vendors/seeded-plan.ts', line: "import '../plan/times.ts';" },

  { rule: 'one-file-touches-the-sdk', file: 'vendors/aws-ivs/driver.ts', line: "import '@aws-sdk/client-ivs';" },
  { rule: 'one-file-touches-the-sdk', file: 'vendors/aws-ivs/presence.ts', line: "import type { z } from 'zod';" },
  {
    rule: 'one-file-touches-the-sdk',
    file: 'vendors/aws-ivs/index.ts',
    line: "import type {} from '@aws-sdk/client-s3';",
  },

  { rule: 'client-never-sees-vendors', file: 'client/seeded-registry.ts', line: "import '../vendors/registry.ts';" },
  { rule: 'client-never-sees-vendors', file: 'client/seeded-act.ts', line: "import '../activities/index.ts';" },
  { rule: 'client-never-sees-vendors', file: 'client/seeded-native.ts', line: "import '@temporalio/worker';" },
  {
    rule: 'messages-are-types',
    file: 'cli/seeded-query.ts',
    line: "export { statusQuery } from '../workflows/messages.ts';",
  },

  {
    rule: 'callers-speak-to-client',
    file: 'cli/seeded-run.ts',
    line: "import type {} from '../workflows/live-event/run.ts';",
  },
  { rule: 'callers-speak-to-client', file: 'cli/seeded-act.ts', line: "import '../activities/index.ts';" },
  { rule: 'callers-speak-to-client', file: 'api/seeded-ivs.ts', line: "import '../vendors/aws-ivs/index.ts';" },
  { rule: 'callers-speak-to-client', file: 'api/seeded-call.ts', line: "import '../vendors/call.ts';" },
  { rule: 'api-has-no-worker', file: 'api/seeded-worker.ts', line: "import '../worker/worker.ts';" },

  { rule: 'temporal-knows-no-vendor', file: 'temporal/seeded-vendor.ts', line: "import '../vendors/registry.ts';" },
  {
    rule: 'temporal-knows-no-vendor',
    file: 'temporal/seeded-run.ts',
    line: "import type {} from '../workflows/live-event/run.ts';",
  },
  { rule: 'worker-composes', file: 'worker/seeded-cli.ts', line: "import '../cli/io.ts';" },
  // Two files of client/ are the worker's, and no other.
  { rule: 'worker-composes', file: 'worker/seeded-client.ts', line: "import '../client/usage.ts';" },
  { rule: 'worker-composes', file: 'worker/seeded-schedules.ts', line: "import '../client/schedules/booked.ts';" },

  { rule: 'certify-stands-on-the-port', file: 'certify/seeded-sim.ts', line: "import '../simulators/start.ts';" },
  { rule: 'certify-stands-on-the-port', file: 'certify/seeded-worker.ts', line: "import '../worker/rates.ts';" },
  { rule: 'api-has-no-worker', file: 'api/seeded-certify.ts', line: "import '../certify/certify.ts';" },
  {
    rule: 'simulators-never-ship-into-production',
    file: 'worker/seeded-simulator.ts',
    line: "import '../simulators/start.ts';",
  },
  {
    rule: 'simulators-never-ship-into-production',
    file: 'cli/commands/worker.ts',
    line: "import type {} from '../../simulators/start.ts';",
  },
  { rule: 'worker-reaches-no-simulator', file: 'cli/commands/worker.ts', line: "import '../stack.ts';" },
  { rule: 'worker-reaches-no-simulator', file: 'cli/commands/api.ts', line: "import '../rehearse.ts';" },
  {
    rule: 'simulators-are-independent-witnesses',
    file: 'simulators/aws-ivs/seeded-sdk.ts',
    line: "import '@aws-sdk/client-ivs';",
  },
  {
    rule: 'simulators-are-independent-witnesses',
    file: 'simulators/aws-ivs/seeded-names.ts',
    line: "import type {} from '../../vendors/aws-ivs/names.ts';",
  },
  {
    rule: 'simulators-are-independent-witnesses',
    file: 'simulators/kit/seeded-worker.ts',
    line: "import '../../worker/health.ts';",
  },
  {
    rule: 'simulators-know-no-other',
    file: 'simulators/aws-ivs/seeded-neighbour.ts',
    line: "import '../alibaba-oss/xml.ts';",
  },

  { rule: 'no-import-of-tests-or-scripts', file: 'worker/seeded-script.ts', line: "import '../scripts/command.ts';" },
  { rule: 'production-needs-no-dev-dependency', file: 'worker/seeded-dev.ts', line: "import 'mediabunny';" },
];

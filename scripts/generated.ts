import { openApiDocument } from '../api/openapi/openapi.ts';
import { printableJson } from '../domain/text.ts';
import { planJsonSchema } from '../plan/json-schema.ts';
import { formatted } from './formatted.ts';
import { boardPhases, phasesPage } from './phase-docs.ts';
import { simulatorsDocument } from './simulator-labels.ts';
import { vendorsReadme } from './vendor-docs.ts';

const planSchema = 'docs/plan.schema.json';
const openApi = 'docs/openapi.json';

/** Files that are made from the source and checked against drift. */
export const generated: { path: string; make(): Promise<string> }[] = [
  { path: 'vendors/README.md', make: () => vendorsReadme() },
  { path: 'docs/simulators.md', make: async () => formatted('docs/simulators.md', await simulatorsDocument()) },
  { path: planSchema, make: () => formatted(planSchema, printableJson(JSON.stringify(planJsonSchema()))) },
  { path: openApi, make: async () => formatted(openApi, printableJson(JSON.stringify(await openApiDocument()))) },
  { path: 'docs/phases.md', make: phasesPage },
  { path: 'api/board/phases.js', make: boardPhases },
];

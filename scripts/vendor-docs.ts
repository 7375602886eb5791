import { z } from 'zod';
import type { Capabilities } from '../domain/capabilities.ts';
import { fileVariableOf } from '../domain/configuration/environment.ts';
import { defaultAccount } from '../domain/ids.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import { formatDuration } from '../domain/time.ts';
import { fieldsOf, variableOf } from '../vendors/account-variables.ts';
import type { AccountField, PlanLimit, VendorManifest } from '../vendors/manifest.ts';
import { vendors as registered } from '../vendors/registry.ts';
import { formatted } from './formatted.ts';

/** In the words of the people who choose a vendor. The compiler asks for every capability. */
const meanings: Record<keyof Capabilities, string> = {
  standby: 'a channel can be kept warm before the show',
  relay: 'pulls from `sources` that the plan names',
  vodNeedsChannel: 'the channel lives until the recording is published',
};

/** `vendors/README.md`: what each vendor can do and every setting there is, from the manifests. */
export async function vendorsReadme(vendors: readonly VendorManifest[] = registered): Promise<string> {
  const parts = [introduction, matrixOf(vendors), accountsSection, ...vendors.map(sectionOf)];
  return formatted('vendors/README.md', `${parts.join('\n\n')}\n`);
}

const introduction = `<!-- Generated from the manifests by \`npm run generate\`. Change vendors/<vendor>/index.ts instead. -->

# Vendors

One port, [driver.ts](driver.ts), and a folder for each vendor with the same file names in it. How to add another one is in
[docs/adding-a-vendor.md](../docs/adding-a-vendor.md).`;

const accountsSection = `## Accounts

Settings come from the environment, or from the configuration file that \`SHOWCALLER_CONFIG\` names. Secrets come from the
environment only: as the variable itself, or from the file that the same variable with \`_FILE\` at its end names.
The variables below are those of the account \`${defaultAccount}\`. Those of an account \`eu-west\` have its name after the
prefix: \`AWS_IVS_EU_WEST_REGION\`.`;

function matrixOf(vendors: readonly VendorManifest[]): string {
  const names = Object.keys(meanings) as (keyof Capabilities)[];
  const capabilities = names.map((name) => [
    `\`${name}\`: ${meanings[name]}`,
    ...vendors.map((vendor) => (vendor.capabilities[name] ? 'yes' : 'no')),
  ]);
  const leads = [
    ['allocated before the show, unless the plan says otherwise', ...vendors.map((one) => lead(one.defaults.warmUpMs))],
    ['open to encoders before the show', ...vendors.map((one) => lead(one.defaults.startLeadMs))],
  ];
  const heading = ['', ...vendors.map(({ name }) => `[${name}](#${name})`)];
  return `## What they can do\n\n${table(heading, [...capabilities, ...leads])}`;
}

const lead = (ms: number): string => formatDuration(ms);

function sectionOf(vendor: VendorManifest): string {
  const fields = fieldsOf(vendor).map((field) => rowOfField(vendor, field));
  const options = rowsOfOptions(schemaOf(vendor), '');
  return [
    `## ${vendor.name}`,
    `${vendor.title}. Official pages: ${vendor.docs.map((url) => `<${url}>`).join(', ')}.`,
    '### Account',
    table(['setting', 'variable', 'required', 'default', 'about'], fields),
    '### `vendorOptions` of a plan',
    options.length > 0 ? table(['option', 'allowed', 'default', 'about'], options) : 'None.',
    ...(vendor.limits ? ['### Limits that a plan is checked against', limitsOf(vendor.limits)] : []),
  ].join('\n\n');
}

function rowOfField(vendor: VendorManifest, field: AccountField): string[] {
  const variable = variableOf(vendor, defaultAccount, field);
  const variables = field.secret ? `\`${variable}\` or \`${fileVariableOf(variable)}\`` : `\`${variable}\``;
  return [
    field.secret ? `\`${field.key}\` (secret)` : `\`${field.key}\``,
    variables,
    field.required && field.fallback === undefined ? 'yes' : 'no',
    field.fallback === undefined ? '' : `\`${field.fallback}\``,
    field.about,
  ];
}

const limitsOf = (limits: readonly PlanLimit[]): string => limits.map(({ about }) => `- ${about}`).join('\n');

const schemaOf = ({ options }: VendorManifest): JsonObject =>
  z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' }) as JsonObject;

/** A row for each property, those of nested objects and of lists of objects included. */
function rowsOfOptions(schema: JsonObject, path: string): string[][] {
  return Object.entries(objectIn(schema.properties)).flatMap(([name, given]) => {
    const property = objectIn(given);
    const full = path + name;
    const row = [`\`${full}\``, allowed(property), shown(property.default), textIn(property.description)];
    const items = objectIn(property.items);
    return [row, ...rowsOfOptions(property, `${full}.`), ...rowsOfOptions(items, `${full}[].`)];
  });
}

function allowed(property: JsonObject): string {
  if (Array.isArray(property.enum)) return property.enum.map(shown).join(', ');
  if (property.type === 'array') return `list of ${allowed(objectIn(property.items))}`;
  const type = property.type === 'integer' ? 'whole number' : textIn(property.type);
  return [
    type,
    between(property.minimum, property.maximum),
    between(property.minLength, property.maxLength, ' characters'),
  ]
    .filter((text) => text !== '')
    .join(', ');
}

function between(least: Json | undefined, most: Json | undefined, unit = ''): string {
  if (typeof most !== 'number') return '';
  return typeof least === 'number' ? `${least} to ${most}${unit}` : `at most ${most}${unit}`;
}

const shown = (value: Json | undefined): string => {
  if (value === undefined) return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
};

const textIn = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const objectIn = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n');
}

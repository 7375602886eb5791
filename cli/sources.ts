import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { ConfigSources } from '../domain/configuration/environment.ts';
import { type SettingMeta, type SettingsSchema, settingsOf } from '../domain/configuration/settings.ts';

/** The sources of the configuration of this process. */
export const sourcesWith = (flags: object): ConfigSources => ({
  env: process.env,
  readFile: (path) => readFileSync(path, 'utf8'),
  flags: { ...flags },
});

/** An option for each setting that has a flag. Its value is checked with all other settings, so no default is here. */
export function settingsOptions(command: Command, schema: Pick<SettingsSchema<unknown>, 'shape'>): Command {
  for (const [key, meta] of settingsOf(schema)) {
    if (meta.flag === undefined) continue;
    const flags = [meta.flag, meta.argument].filter((part) => part !== undefined).join(' ');
    command.addOption(new Option(flags, `${meta.description}${defaultText(meta, defaultOf(schema.shape[key]))}`));
  }
  return command;
}

const defaultOf = (field: unknown): unknown => (field as { def?: { defaultValue?: unknown } }).def?.defaultValue;

function defaultText({ variable }: SettingMeta, value: unknown): string {
  const usual = typeof value === 'boolean' ? undefined : value;
  const parts = [variable, usual].filter((part) => part !== undefined);
  return parts.length > 0 ? ` (default: ${parts.join(', or ')})` : '';
}

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defaultAccount } from '../../../domain/ids.ts';
import { generated } from '../../../scripts/generated.ts';
import { vendorsReadme } from '../../../scripts/vendor-docs.ts';
import { simulators } from '../../../simulators/registry.ts';
import { fieldsOf, variableOf } from '../../../vendors/account-variables.ts';
import { vendors } from '../../../vendors/registry.ts';

const root = new URL('../../../', import.meta.url);
const exists = (path: string): boolean => existsSync(fileURLToPath(new URL(path, root)));

describe('the registries', () => {
  it('have a simulator for every vendor', () => {
    const names = vendors.map(({ name }) => name);
    expect(simulators.map(({ vendor }) => vendor).sort()).toEqual([...names].sort());
  });

  it('give every vendor its own name and its own variables', () => {
    expect(new Set(vendors.map(({ name }) => name)).size).toBe(vendors.length);
    const prefixes = vendors.map(({ envPrefix }) => envPrefix);
    for (const one of prefixes) {
      expect(prefixes.filter((other) => `${other}_`.startsWith(`${one}_`))).toEqual([one]);
    }
  });
});

describe.each(vendors)('$name', (manifest) => {
  it('has the folders that its name says, with the same files as every other vendor', () => {
    for (const file of [
      'index.ts',
      'driver.ts',
      'sdk.ts',
      'options.ts',
      'names.ts',
      'errors.ts',
      'presence.ts',
      'vod.ts',
    ])
      expect(exists(`vendors/${manifest.name}/${file}`), file).toBe(true);
    for (const file of ['index.ts', 'routes.ts', 'state.ts', 'signature.ts', 'errors.ts', 'media.ts'])
      expect(exists(`simulators/${manifest.name}/${file}`), file).toBe(true);
  });

  it('explains every setting and every option, and leads to official pages', () => {
    expect(manifest.docs.every((url) => url.startsWith('https://'))).toBe(true);
    expect(fieldsOf(manifest).filter(({ about }) => !/\.$/.test(about))).toEqual([]);
    const { properties = {} } = z.toJSONSchema(manifest.options, { io: 'input', unrepresentable: 'any' });
    const unexplained = Object.entries(properties).filter(
      ([, property]) => typeof property !== 'object' || !property.description,
    );
    expect(unexplained.map(([name]) => name)).toEqual([]);
  });

  it('lets its calls be limited in time, and declares what is secret', () => {
    const keys = fieldsOf(manifest).map(({ key }) => key);
    expect(keys).toContain('timeoutMs');
    const named = fieldsOf(manifest).filter(({ key }) => /secret|token$|apiKey|password/i.test(key));
    expect(named.filter(({ secret }) => !secret)).toEqual([]);
  });

  it('is in the reference with all its settings and options', async () => {
    const text = await vendorsReadme();
    expect(text).toContain(`\n## ${manifest.name}\n`);
    for (const field of fieldsOf(manifest)) expect(text).toContain(`\`${variableOf(manifest, defaultAccount, field)}`);
    for (const option of Object.keys(manifest.options.shape)) expect(text).toContain(`\`${option}\``);
  });
});

describe('the reference', () => {
  it.each(generated)('$path is what the source says', async ({ path, make }) => {
    expect(await readFile(new URL(path, root), 'utf8')).toBe(await make());
  });

  it('changes with a capability', async () => {
    const [first, ...others] = vendors;
    if (!first) throw new Error('there is no vendor');
    const capabilities = { ...first.capabilities, relay: !first.capabilities.relay };
    expect(await vendorsReadme([{ ...first, capabilities }, ...others])).not.toBe(await vendorsReadme());
  });
});
